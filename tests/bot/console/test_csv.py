"""CSV files out of the console: masked, and nothing in them is worked out by a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Response

import bot.console
from bot.console.csv import BATCH, Column, csv_answer, harmless

COLUMNS = [
    Column[tuple[str, str, int]]("姓名", lambda row: row[0], masked_as="name"),
    Column[tuple[str, str, int]]("说明", lambda row: row[1]),
    Column[tuple[str, str, int]]("天数", lambda row: row[2]),
]
DANGEROUS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "－1", "＠x", "  =1"]


def read(answer: Response) -> list[list[str]]:
    text = answer.get_data().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("cell", DANGEROUS)
def test_a_cell_that_begins_as_a_formula_is_a_text(cell: str) -> None:
    rows = read(csv_answer("x", COLUMNS, [("张小三", cell, -3)]))
    assert rows[1] == ["张*三", f"'{cell}", "-3"]


@pytest.mark.parametrize("cell", ["中山路1-2号", "a=b", "", "'x", '"=1', "1+1"])
def test_every_other_cell_is_left_alone(cell: str) -> None:
    assert harmless(cell) == cell
    assert read(csv_answer("x", COLUMNS, [("", cell, 1)]))[1][1] == cell


def test_a_masked_value_that_begins_as_a_formula_is_a_text_too() -> None:
    row = ("=三三", "", 0)
    assert read(csv_answer("x", COLUMNS, [row]))[1][0] == "'=*三"
    assert read(csv_answer("x", COLUMNS, [row], full=True))[1][0] == "'=三三"


def test_a_file_is_sent_while_it_is_read() -> None:
    read_so_far = 0

    def rows() -> Iterator[tuple[str, str, int]]:
        nonlocal read_so_far
        for _ in range(10 * BATCH):
            read_so_far += 1
            yield ("张三", "x", 1)

    pieces = iter(csv_answer("x", COLUMNS, rows()).response)
    assert "张*,x,1" in str(next(pieces))
    assert read_so_far == BATCH
    assert sum(str(piece).count("\n") for piece in pieces) == 9 * BATCH


def test_the_file_has_its_name() -> None:
    answer = csv_answer("审计记录", COLUMNS, [])
    assert "%E5%AE%A1" in answer.headers["Content-Disposition"]
    assert read(answer) == [["姓名", "说明", "天数"]]


def test_no_page_of_the_console_writes_a_file_of_its_own() -> None:
    room = Path(bot.console.__file__).parent
    writers = [path.name for path in room.rglob("*.py") if "csv.writer" in path.read_text("utf-8")]
    assert writers == ["csv.py"]
