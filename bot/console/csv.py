"""CSV files out of the console: streamed, masked unless told otherwise, harmless in a spreadsheet.

A cell that begins as a formula would be worked out by the spreadsheet of whoever opens the file,
with whatever a resident wrote into their address: such cells begin with an apostrophe instead.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from flask import Response

from models.masking import OWNER, Item, Table

Row = TypeVar("Row")

FORMULA = tuple("=+-@\t\r\n＝＋－＠")
"""What a cell must not begin with (OWASP, CSV injection); the wide ones are read as the narrow."""
BATCH = 200  # rows to a piece of the stream
_BOM = "\ufeff"  # by which Excel knows that it is UTF-8


@dataclass(frozen=True)
class Column(Generic[Row]):
    """A column: its title, its value in a row, and as what it is masked (`models.masking`)."""

    title: str
    value: Callable[[Row], object]
    masked_as: Item | None = None


def csv_answer(
    name: str,
    columns: Iterable[Column[Any]],
    rows: Iterable[Any],
    *,
    full: bool = False,
    masks: Table = OWNER,
) -> Response:
    """A file `name`.csv to be kept, sent while it is read. `rows` is walked after the request has
    ended: let it open its own look at the records. Whoever calls this has noted it in the audit;
    `full` shows what is masked otherwise, and its note says so."""
    answer = Response(_pieces(tuple(columns), rows, {} if full else masks), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}.csv"
    return answer


def csv_text(columns: Iterable[Column[Any]], rows: Iterable[Any]) -> str:
    """The same as a text, unmasked: what whoever gets it has just typed or uploaded."""
    return "".join(_pieces(tuple(columns), rows, {}))


def harmless(cell: object) -> str:
    """A cell as it may stand in a file. Numbers stay what they are, below nought as well."""
    if cell is None:
        return ""
    if isinstance(cell, int | float):
        return str(cell)
    text = str(cell)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def _pieces(columns: tuple[Column[Any], ...], rows: Iterable[Any], masks: Table) -> Iterator[str]:
    page = io.StringIO()
    page.write(_BOM)
    writer = csv.writer(page)
    writer.writerow([column.title for column in columns])
    for number, row in enumerate(rows, 1):
        writer.writerow([_cell(column, row, masks) for column in columns])
        if number % BATCH == 0:
            yield _taken(page)
    yield _taken(page)


def _cell(column: Column[Any], row: Any, masks: Table) -> str:
    value = column.value(row)
    mask = masks.get(column.masked_as) if column.masked_as else None
    return harmless(mask(str(value)) if mask and value else value)


def _taken(page: io.StringIO) -> str:
    text = page.getvalue()
    page.seek(0)
    page.truncate()
    return text
