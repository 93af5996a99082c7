"""Bytes of a push, XML or JSON, to a mapping of its elements.

Text of chat users stands in these bodies nearly raw: the platform lets control characters pass
and does not split `]]>`. So code points that XML does not allow are deleted first, a second
element of a name is refused (a user could forge `FromUserName` otherwise), and a text that
breaks the markup is cut out between the first and the last mark of its CDATA section.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from xml.parsers import expat

from bot.channels.characters import legal
from bot.channels.wechat.faults import Unreadable

Fields = Mapping[str, Any]
"""Element name to text, or to a mapping or list where the platform nests."""

_CONTENT = "<Content><![CDATA["
_CONTENT_END = "]]></Content>"
_DEEPEST = 16
_SEVERAL = frozenset({"detail"})  # of a picture's check, the one element that the platform repeats
# `\r` is left to the parser, which makes it a line end; so is a `]`, which may end a section.
_ONE = r"<(\w+)>(?:<!\[CDATA\[([^\]\r]*)\]\]>|([^<&\]\r]*))</\1>[ \n]*"
_ELEMENT = re.compile(_ONE, re.ASCII)
_FLAT = re.compile(
    r"<xml>[ \n]*("
    r"(?:<(\w+)>(?:<!\[CDATA\[[^\]\r]*\]\]>|[^<&\]\r]*)</\2>[ \n]*)+"
    r")</xml>\s*",
    re.ASCII,
)


def parse(body: bytes) -> tuple[Fields, bool]:
    """The elements of a push and whether it was JSON. Raises Unreadable."""
    try:
        text = legal(body.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Unreadable("encoding") from None
    opening = text.lstrip()[:1]
    if opening == "<":
        return parse_xml(text), False
    if opening == "{":
        return parse_json(text), True
    raise Unreadable("format")


def parse_json(text: str) -> Fields:
    """The keys of a JSON push, numbers as text: a MsgId does not fit a double."""
    try:
        raw = json.loads(text, object_pairs_hook=_unique, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        raise Unreadable("json") from None
    fields: Fields = _texts(raw, _DEEPEST)
    return fields


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # The platform's own samples carry keys with a leading blank.
    found = {key.strip(): value for key, value in pairs}
    if len(found) != len(pairs):
        raise Unreadable("duplicate")
    return found


def _texts(value: Any, levels: int) -> Any:
    """The same structure with every scalar as legal text (escapes may hide what XML forbids).

    Raises Unreadable when it is nested more than `levels` deep.
    """
    if not levels and isinstance(value, dict | list):
        raise Unreadable("depth")
    if isinstance(value, dict):
        return {key: _texts(inner, levels - 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [_texts(inner, levels - 1) for inner in value]
    return "" if value is None else legal(str(value))


def parse_xml(text: str) -> Fields:
    """The elements of an XML push. Raises Unreadable."""
    text = text.lstrip()
    if (plain := _flat(text)) is not None:
        return plain
    try:
        return _Elements().read(text)
    except expat.ExpatError:
        return _around_content(text)


def _flat(text: str) -> Fields | None:
    """The elements of a push as the platform writes nearly all of them: none inside another, none
    twice, no entity and no `]` in a text. None for any other, which is for the parser to judge."""
    whole = _FLAT.fullmatch(text)
    if whole is None:
        return None
    found = _ELEMENT.findall(whole[1])
    fields = {name: sealed or plain for name, sealed, plain in found}
    return fields if len(fields) == len(found) else None


def _around_content(text: str) -> Fields:
    """The push when its Content breaks the markup. The platform writes who and what before it,
    and the last end mark is the platform's own, so nothing a user typed can be taken for either.
    """
    start, end = text.find(_CONTENT), text.rfind(_CONTENT_END)
    if start < 0 or end < start + len(_CONTENT):
        raise Unreadable("xml")
    rest = text[:start] + "<Content></Content>" + text[end + len(_CONTENT_END) :]
    try:
        fields = _Elements().read(rest)
    except expat.ExpatError:
        raise Unreadable("xml") from None
    return {**fields, "Content": text[start + len(_CONTENT) : end]}


class _Elements:
    """One pass of expat over a push."""

    def __init__(self) -> None:
        self._root: Fields = {}
        self._open: list[tuple[dict[str, Any], list[str]]] = []

    def read(self, text: str) -> Fields:
        # The declared encoding is overruled: the text has been decoded already.
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = self._doctype
        parser.Parse(text.encode(), True)
        return self._root

    def _doctype(self, *_: object) -> None:
        raise Unreadable("doctype")

    def _start(self, name: str, _: object) -> None:
        if not self._open and name != "xml":
            raise Unreadable("root")
        if len(self._open) == 1 and name in self._open[0][0] and name not in _SEVERAL:
            raise Unreadable("duplicate")
        if len(self._open) >= _DEEPEST:
            raise Unreadable("depth")
        self._open.append(({}, []))

    def _text(self, text: str) -> None:
        self._open[-1][1].append(text)

    def _end(self, name: str) -> None:
        children, texts = self._open.pop()
        text = "".join(texts)
        if children and text.strip():
            # Only a text that broke out of its CDATA stands beside an element.
            raise expat.ExpatError("mixed content")
        if not self._open:
            self._root = children
            return
        value: Any = children or text
        siblings = self._open[-1][0]
        if name not in siblings:
            siblings[name] = value
        elif isinstance(siblings[name], list):
            siblings[name].append(value)
        else:
            siblings[name] = [siblings[name], value]
