"""The XML of a message as its leaves: elements that hold a text, by name and at any depth.

The platform's samples nest them differently, so the depth means nothing. What the text of a person
may have broken out of its CDATA section to write must not be taken for the platform's own word:
of the names that are read each may stand once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from xml.parsers import expat

from bot.channels.alipay.faults import Unreadable
from bot.channels.characters import legal

Leaves = Mapping[str, str]

_CHARSETS: Mapping[str, str] = {
    "gbk": "gb18030",  # which holds all of the other two, and more
    "gb2312": "gb18030",
    "gb18030": "gb18030",
    "utf-8": "utf-8",
    "utf8": "utf-8",
}
_DEEPEST = 16
_WRITTEN = ("Content", "Text")  # what a person's words may stand in
ONCE = frozenset(
    {
        "AppId", "FromUserId", "FromAlipayUserId", "CreateTime", "MsgType", "EventType",
        "ActionParam", "AgreementId", "AccountNo", "UserInfo", "MsgId", "Text", "Content", "Image",
        "MediaId", "Format",
    }
)  # fmt: skip


def codec_of(charset: str) -> str:
    """Python's name for a form's charset; the platform's default is GBK. Raises Unreadable."""
    try:
        return _CHARSETS[charset.strip().lower() or "gbk"]
    except KeyError:
        raise Unreadable("charset") from None


def read_leaves(xml: bytes, charset: str, more: Collection[str] = ()) -> Leaves:
    """The leaves of a message; empty ones are left out. `more` names may stand once only, too.

    Raises Unreadable.
    """
    try:
        text = legal(xml.decode(codec_of(charset))).lstrip("\ufeff \t\r\n")
    except UnicodeDecodeError:
        raise Unreadable("encoding") from None
    try:
        return _Reader(ONCE | set(more)).read(text)
    except expat.ExpatError:
        return _around_words(text, ONCE | set(more))


def _around_words(text: str, once: frozenset[str]) -> Leaves:
    """The message when what a person wrote breaks its markup. All of it stands between the first
    and the last mark of its section, so that nothing in it can be taken for the platform's."""
    found = [(text.find(_mark(name)), name) for name in _WRITTEN if _mark(name) in text]
    start, name = min(found, default=(-1, ""))
    close = f"]]></{name}>"
    end = text.rfind(close)
    if not 0 <= start < end:
        raise Unreadable("xml")
    try:
        leaves = _Reader(once).read(text[:start] + text[end + len(close) :])
    except expat.ExpatError:
        raise Unreadable("xml") from None
    if any(other in leaves for other in _WRITTEN):
        raise Unreadable("duplicate")
    return {**leaves, name: text[start + len(_mark(name)) : end]}


def _mark(name: str) -> str:
    return f"<{name}><![CDATA["


class _Reader:
    """Collects leaves. Used once."""

    def __init__(self, once: frozenset[str]) -> None:
        self._once = once
        self._leaves: dict[str, str] = {}
        self._names: set[str] = set()
        self._open: list[str] = []
        self._texts: list[str] = []
        self._is_leaf = False

    def read(self, text: str) -> Leaves:
        # The declared encoding is overruled: the text has been decoded already.
        parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._texts.append
        parser.StartDoctypeDeclHandler = self._doctype
        parser.Parse(text.encode(), True)
        return self._leaves

    def _doctype(self, *_: object) -> None:
        raise Unreadable("doctype")

    def _start(self, name: str, _: object) -> None:
        if not self._open and name.lower() != "xml":
            raise Unreadable("root")
        if name in self._once and name in self._names:
            raise Unreadable("duplicate")
        if len(self._open) >= _DEEPEST:
            raise Unreadable("depth")
        if "".join(self._texts).strip():
            # Only a text that broke out of its section stands beside an element.
            raise expat.ExpatError("mixed content")
        self._names.add(name)
        self._open.append(name)
        self._texts.clear()
        self._is_leaf = True

    def _end(self, name: str) -> None:
        text = "".join(self._texts)
        self._texts.clear()
        self._open.pop()
        if self._is_leaf and text and self._open:
            self._leaves.setdefault(name, text)
        elif text.strip():
            raise expat.ExpatError("mixed content")
        self._is_leaf = False
