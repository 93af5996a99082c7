"""Mutation of bytes: small damage, pieces moved about, and words of the format put in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

WORDS = (
    b"<", b">", b"&", b"]]>", b"<![CDATA[", b"]]></Content>", b"<Content><![CDATA[", b"</xml>",
    b"<xml>", b"<!DOCTYPE xml>", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a;", b"&#0;", b"&#x41;",
    b"<?xml version='1.0' encoding='utf-16'?>", b"<!--", b"-->", b"<FromUserName>a</FromUserName>",
    b"<Encrypt>", b"{", b"}", b"[", b"]", b'"', b",", b":", b"null", b"true", b"1e999", b"-0",
    b"NaN", b"\\ud800", b"\\u0000", b'"FromUserName":"a",', b'{"a":', b"\x00", b"\xff", b"\xfe\xff",
    b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"\xc0\xaf", b"\r\n", b"\n", b" ", b"0",
    b"9", b"-1", b"2147483648", b"18446744073709551616", b"%00", b"../", b"'", b"\xe3\x80\x80",
    b"\xe2\x80\xae", b"\xcc\x81", b"\xe2\x80\x8b", b"\xef\xbc\x91", b"\xd9\xa1",
)  # fmt: skip
_MOST = 6  # changes of one input
_STRETCHES = (2, 10, 100, 1000)  # times a piece comes again

Change = Callable[[bytearray], None]


class Mutator:
    """Changes bytes by one source of chance: the same seed makes the same change."""

    def __init__(
        self, chance: Random, tokens: Sequence[bytes] = (), *, longest: int = 256 * 1024
    ) -> None:
        self._chance, self._tokens, self._longest = chance, (*WORDS, *tokens), longest
        self._changes: tuple[Change, ...] = (
            self._flip, self._flip, self._byte, self._delete, self._delete, self._double,
            self._word, self._word, self._word, self._move, self._cut, self._stretch,
        )  # fmt: skip

    def mutate(self, data: bytes, other: bytes = b"") -> bytes:
        """`data` with some changes, a piece of `other` among them now and then."""
        changed = bytearray(data)
        for _ in range(self._chance.randint(1, _MOST)):
            if other and self._chance.random() < 0.08:
                self._splice(changed, other)
            else:
                self._chance.choice(self._changes)(changed)
        return bytes(changed[: self._longest])

    def _span(self, data: Sequence[int] | bytes | bytearray, most: int = 64) -> slice:
        at = self._chance.randint(0, len(data))
        return slice(at, at + self._chance.randint(1, most))

    def _flip(self, data: bytearray) -> None:
        if data:
            data[self._chance.randrange(len(data))] ^= 1 << self._chance.randrange(8)

    def _byte(self, data: bytearray) -> None:
        if data:
            data[self._chance.randrange(len(data))] = self._chance.randrange(256)

    def _delete(self, data: bytearray) -> None:
        del data[self._span(data)]

    def _double(self, data: bytearray) -> None:
        piece = self._span(data, 200)
        data[piece.stop : piece.stop] = data[piece]

    def _word(self, data: bytearray) -> None:
        at = self._chance.randint(0, len(data))
        data[at:at] = self._chance.choice(self._tokens)

    def _move(self, data: bytearray) -> None:
        piece = self._span(data)
        moved = data[piece]
        del data[piece]
        at = self._chance.randint(0, len(data))
        data[at:at] = moved

    def _cut(self, data: bytearray) -> None:
        del data[self._chance.randint(0, len(data)) :]

    def _stretch(self, data: bytearray) -> None:
        piece = self._span(data, 4)
        times = self._chance.choice(_STRETCHES)
        data[piece.stop : piece.stop] = bytes(data[piece]) * times

    def _splice(self, data: bytearray, other: bytes) -> None:
        at = self._chance.randint(0, len(data))
        data[at:at] = other[self._span(other, 400)]
