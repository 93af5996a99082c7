"""An answer of the gateway taken apart without touching a byte of what its signature covers.

`{"<method>_response": …, "sign": "…", "alipay_cert_sn": "…"}`: the signed text is the node's value
exactly as it was sent, so that it must be cut out of the body as bytes. Strings are read as JSON
has them (a brace or a quotation mark inside one ends nothing), and in GBK the second byte of a
character may be a backslash or a brace.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

ERROR_NODE = "error_response"
_UTF8 = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_GB18030 = re.compile(
    rb'"(?:[\x81-\xfe][\x30-\x39][\x81-\xfe][\x30-\x39]|[\x81-\xfe][\x40-\xfe]|[^"\\\x81-\xfe]|\\.)*"',
    re.DOTALL,
)
_SPACE = re.compile(rb"[ \t\r\n]*")
_PLAIN = re.compile(rb'[^"{}\[\],]+')
_OPEN, _CLOSED = b"{[", b"}]"


class Malformed(Exception):
    """Not an answer of the gateway: a page of HTML, half of one, none."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """`node` is what is signed, byte by byte; `sign` is "" where there is none."""

    node: bytes
    error: bool  # the node says in its name that it is one
    sign: str
    cert_sn: str
    charset: str


def unfold(body: bytes, response_node: str) -> Envelope:
    """The parts of an answer, in UTF-8 or, whatever was asked for, in GBK. Raises Malformed."""
    charset = _charset(body)
    members = _Members(body, _UTF8 if charset == "utf-8" else _GB18030).read()
    node = members.get(response_node.encode())
    if error := node is None:
        node = members.get(ERROR_NODE.encode())
    if node is None:
        raise Malformed("neither node is there")
    sign, cert_sn = (_text(members.get(name, b'""')) for name in (b"sign", b"alipay_cert_sn"))
    return Envelope(node, error, sign, cert_sn, charset)


def _charset(body: bytes) -> str:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _text(value: bytes) -> str:
    """A string of base64 or hexadecimal digits: `\\/` is all that is escaped in one."""
    if value[:1] != b'"':
        raise Malformed("not a string")
    return value[1:-1].decode("ascii", "replace").replace("\\/", "/")


class _Members:
    """The members of one JSON object, each value as it stands in the body."""

    def __init__(self, body: bytes, strings: re.Pattern[bytes]) -> None:
        self._body, self._strings, self._at = body, strings, 0

    def read(self) -> dict[bytes, bytes]:
        found: dict[bytes, bytes] = {}
        self._take(b"{")
        while True:
            name = self._string()[1:-1]
            self._take(b":")
            if name in found:
                raise Malformed("a member is there twice")
            found[name] = self._value()
            if self._next() != b",":
                break
            self._take(b",")
        self._take(b"}")
        if self._next():
            raise Malformed("something follows")
        return found

    def _next(self) -> bytes:
        """The first byte after the white space, b"" at the end."""
        space = _SPACE.match(self._body, self._at)
        self._at = space.end() if space else self._at
        return self._body[self._at : self._at + 1]

    def _take(self, mark: bytes) -> None:
        if self._next() != mark:
            raise Malformed(f"{mark.decode()} is missing")
        self._at += 1

    def _string(self) -> bytes:
        self._next()
        found = self._strings.match(self._body, self._at)
        if found is None:
            raise Malformed("a string does not end")
        self._at = found.end()
        return found[0]

    def _value(self) -> bytes:
        first, start, depth = self._next(), self._at, 0
        while True:
            mark = self._body[self._at : self._at + 1]
            if mark == b'"':
                self._string()
            elif mark and mark in _OPEN:
                depth, self._at = depth + 1, self._at + 1
            elif mark and mark in _CLOSED and depth:
                depth, self._at = depth - 1, self._at + 1
            elif mark == b"," and depth:
                self._at += 1
            elif plain := _PLAIN.match(self._body, self._at):
                self._at = plain.end()
            else:
                raise Malformed("a value does not end")
            if not depth and (first in (b'"', b"{", b"[") or self._ends()):
                return self._body[start : self._at].rstrip()

    def _ends(self) -> bool:
        return self._body[self._at : self._at + 1] in (b",", b"}", b"")
