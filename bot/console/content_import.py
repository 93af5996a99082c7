"""Entries out of a spreadsheet (xlsx or CSV): all of it, or what is wrong with it row by row."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.console.content_fields import HEADS, checked, label_of, read_record

MAX_ROWS = 5000
MAX_UNPACKED = 50 * 1024 * 1024  # bytes: an xlsx is a zip
_NO_SHEET = (  # what the reading of another zip, or of a broken one, ends with
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    SyntaxError,  # XML that is none
    EOFError,
    RuntimeError,  # encrypted, or packed in a way that we do not know
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
)


class UnreadableFile(Exception):
    """It is no spreadsheet that we can read; the message says why."""


@dataclass(frozen=True, slots=True)
class Imported:
    """The entries, or the faults: (row, what is wrong); where there is a fault nothing is taken."""

    entries: list[Any]
    faults: list[tuple[int, str]]


def read_entries(content: bytes, kind: type[Any], key: str, pattern: Mapping[str, Any]) -> Imported:
    """Entries like `pattern`, one to a row below a row of heads (our names, or what people call
    them). Raises UnreadableFile."""
    rows = _rows(content)
    names = _names(next(rows, []), pattern)
    entries, faults, seen = [], [], dict[str, int]()
    for number, row in enumerate(rows, 2):
        if not any(cell.strip() for cell in row):
            continue
        given = {name: cell for name, cell in zip(names, row, strict=False) if name}
        entry, wrong = checked(kind, read_record(pattern, _lines(given, pattern)))
        faults += [(number, f"{label_of(name)}：{why}") for name, why in wrong.items()]
        if entry is None:
            continue
        if (earlier := seen.setdefault(str(entry[key]), number)) != number:
            faults.append((number, f"{label_of(key)}与第 {earlier} 行相同"))
        entries.append(entry)
    if not entries and not faults:
        faults.append((1, "没有数据"))
    return Imported([] if faults else entries, faults)


def _lines(given: Mapping[str, str], pattern: Mapping[str, Any]) -> dict[str, str]:
    """A cell that holds a list has its entries parted by commas."""
    return {
        name: cell.replace("，", "\n").replace(",", "\n").replace("、", "\n")
        if isinstance(pattern.get(name), list)
        else cell
        for name, cell in given.items()
    }


def _names(heads: Sequence[str], pattern: Mapping[str, Any]) -> list[str]:
    columns = list(_columns(pattern))
    known = {}
    for name in columns:
        for word in (name, label_of(name), *HEADS.get(name, ())):
            known[word.casefold()] = name
    names = [known.get(head.strip().casefold(), "") for head in heads]
    missing = [n for n in columns if n not in names and not isinstance(pattern.get(n), list)]
    if missing:
        raise UnreadableFile("缺少列：" + "、".join(map(label_of, missing)))
    return names


def _columns(pattern: Mapping[str, Any]) -> Iterator[str]:
    """One for each field of the form; a text in two languages has two."""
    for name, value in pattern.items():
        if isinstance(value, Mapping):
            yield from (f"{name}.{inner}" for inner in value)
        else:
            yield name


def _rows(content: bytes) -> Iterator[list[str]]:
    rows = _xlsx(content) if content.startswith(b"PK") else _csv(content)
    for number, row in enumerate(rows):
        if number > MAX_ROWS:
            raise UnreadableFile(f"超过 {MAX_ROWS} 行")
        yield row


def _xlsx(content: bytes) -> Iterator[list[str]]:
    # Only here: it brings NumPy along, a fifth of a second of every start.
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(each.file_size for each in packed.infolist()) > MAX_UNPACKED:
                raise UnreadableFile("文件太大")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet: Iterable[Sequence[Any]] = book.worksheets[0].iter_rows(values_only=True)
        yield from ([_cell(value) for value in row] for row in sheet)
    except (*_NO_SHEET, InvalidFileException):
        raise UnreadableFile("不是能读的 xlsx 文件") from None


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # a code that the spreadsheet took for a number
    if isinstance(value, datetime):
        return value.date().isoformat()  # a day that it took for a midnight
    return "" if value is None else str(value)


def _csv(content: bytes) -> Iterator[list[str]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise UnreadableFile("不是能读的 CSV 文件")
    try:
        yield from csv.reader(io.StringIO(text, newline=""), strict=True)
    except csv.Error:
        raise UnreadableFile("不是能读的 CSV 文件") from None
