"""Byte strings in a file, one after the other: requests for the load, its answers and times."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from struct import Struct

_LENGTH = Struct("<I")


def write_frames(path: Path, frames: Iterable[bytes]) -> None:
    with path.open("wb") as file:
        for frame in frames:
            file.write(_LENGTH.pack(len(frame)) + frame)


def read_frames(path: Path) -> list[bytes]:
    raw, at, found = path.read_bytes(), 0, []
    while at < len(raw):
        (length,) = _LENGTH.unpack_from(raw, at)
        at += _LENGTH.size
        found.append(raw[at : at + length])
        at += length
    return found
