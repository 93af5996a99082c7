"""A reply file, read: whole or not at all, and of a whole one every line that can be read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.handover.envelope import Pair, open_envelope
from bot.handover.rows import Unwritable, values_of
from bot.handover.suites import Broken
from bot.handover.tars import read_tar
from models.handover.replies import LineFault, Told
from models.handover.stages import MEANINGS

PART = "replies.txt"
FIELDS = 10
_APPLICATION = re.compile(r"[0-9a-f]{32}", re.ASCII)
_CODE = re.compile(r"[A-Za-z0-9_-]{0,32}", re.ASCII)
_TAIL = re.compile(r"[0-9A-Za-z]{0,4}", re.ASCII)
_OUTLET = re.compile(r"[A-Za-z0-9_-]{0,32}", re.ASCII)
_PARCEL = re.compile(r"[A-Za-z0-9]{0,40}", re.ASCII)
_TEXT = 200
_STAGES = frozenset(stage for stage, _ in MEANINGS)
_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class FileFault(Exception):
    """A file that is not taken; `code` as in docs/handover.md."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Unreadable(Exception):
    """One line; the argument is its code."""


@dataclass(frozen=True, slots=True)
class Whole:
    """A reply file that holds what it says. `lines` are its lines in UTF-8, LF after each."""

    digest: str
    lines: bytes
    count: int


def open_file(content: bytes, name: str, source: str, keys: Pair) -> Whole:
    """The lines of an envelope that should be the file `name`. Raises `FileFault`."""
    try:
        opened = open_envelope(content, keys)
    except Broken:
        raise FileFault("envelope") from None
    try:
        manifest, parts = read_tar(opened.tar, opened.suite)
    except Broken:
        raise FileFault("manifest") from None
    count, encoding = manifest.get("count"), manifest.get("encoding")
    said = (manifest.get("file"), manifest.get("from"), encoding in ("utf-8", "gb18030"))
    if said != (name, source, True) or opened.name != name or parts.keys() != {PART}:
        raise FileFault("manifest")
    lines = _in_utf8(parts[PART], str(encoding))
    if not isinstance(count, int) or count != lines.count(b"\n") or not _ends(lines):
        raise FileFault("count")
    return Whole(opened.digest, lines, count)


def _ends(lines: bytes) -> bool:
    return not lines or lines.endswith(b"\n")


def _in_utf8(part: bytes, encoding: str) -> bytes:
    """Line by line: one that is not in the encoding is kept as what no line can hold."""
    # LF is no part of a longer character in either encoding.
    return b"\n".join(_recoded(line, encoding) for line in part.split(b"\n"))


def _recoded(line: bytes, encoding: str) -> bytes:
    try:
        return line.decode(encoding).encode()
    except UnicodeDecodeError:
        return b"\x00"


def read_lines(lines: bytes, stages: Collection[str]) -> tuple[list[Told], list[LineFault]]:
    """Every line that can be read, and what is wrong with the others. `stages`: what the sender
    may tell."""
    read, faults = [], []
    for number, line in enumerate(_lines(lines), 1):
        try:
            read.append(_line(line, number, stages))
        except _Unreadable as fault:
            faults.append(LineFault(number, str(fault)))
    return read, faults


def _lines(lines: bytes) -> Iterator[str]:
    for line in lines.split(b"\n")[:-1]:
        yield line.decode("utf-8", "replace")


def _line(line: str, number: int, stages: Collection[str]) -> Told:
    try:
        fields = values_of(line)
    except Unwritable:
        raise _Unreadable("characters") from None
    if len(fields) != FIELDS:
        raise _Unreadable("fields")
    application, stage, result, code, text, account, card, outlet, parcel, time = fields
    if stage not in _STAGES or (stage, result) not in MEANINGS:
        raise _Unreadable("stage")
    if stage not in stages:
        raise _Unreadable("sender")
    moment = _moment(time)
    if not _APPLICATION.fullmatch(application):
        raise _Unreadable("unknown_application")
    well = (_CODE, code), (_TAIL, account), (_TAIL, card), (_OUTLET, outlet), (_PARCEL, parcel)
    if len(text) > _TEXT or not all(pattern.fullmatch(value) for pattern, value in well):
        raise _Unreadable("fields")
    told = (stage, result, code, text, account, card, outlet, parcel)
    return Told(application, *told, at=moment, line=number)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _Unreadable("time") from None
    if moment.tzinfo is None or not _EARLIEST < moment < _LATEST:
        raise _Unreadable("time")
    return moment
