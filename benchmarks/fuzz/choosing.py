"""Structured values out of plain bytes, so that one input format serves every fuzzer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Chooser:
    """Reads choices off the front of the bytes; when they are used up, everything is 0."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def number(self, below: int) -> int:
        """0 … `below` - 1, from one byte or, for more than 256, two."""
        width = 1 if below <= 256 else 2
        return int.from_bytes(self.take(width), "big") % below

    def one_of(self, options: Sequence[T]) -> T:
        return options[self.number(len(options))]

    def take(self, count: int) -> bytes:
        taken = self._data[self._at : self._at + count]
        self._at += count
        return taken

    def text(self, most: int = 65536) -> str:
        """A text whose length, up to `most` bytes, stands before it."""
        return text_of(self.take(self.number(most)))

    def rest(self) -> bytes:
        return self.take(len(self._data))


def text_of(data: bytes) -> str:
    """The bytes as text, whatever they are."""
    return data.decode("utf-8", "replace")
