"""Rows out of a spreadsheet: xlsx, or CSV as UTF-8 (with a mark or without) or GB18030."""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

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


def rows_of(content: bytes, most: int) -> Iterator[list[str]]:
    """Its rows, that of the heads first, at most so many after it. Raises UnreadableFile."""
    rows = _xlsx(content) if content.startswith(b"PK") else _csv(content)
    for number, row in enumerate(rows):
        if number > most:
            raise UnreadableFile(f"超过 {most} 行")
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
