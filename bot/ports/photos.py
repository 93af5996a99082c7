"""A picture that was made safe, and why one cannot be taken."""

from __future__ import annotations

from typing import Protocol


class Photo(Protocol):
    """A picture made safe: a JPEG of our own encoding, upright, without metadata. In pixels."""

    @property
    def jpeg(self) -> bytes: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...


class PhotoFault(Exception):
    """A picture that cannot be taken: `code` is type, size, pixels, broken, animated or small."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
