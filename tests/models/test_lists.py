"""Lists as one parameter mean the same to SQLite and to PostgreSQL."""

from __future__ import annotations

from sqlalchemy import select

from models.database import Database
from models.lists import dialect_of, listed, looked_up, numbers, text_of

LARGEST = 2**63 - 1


def test_each_number_is_a_row_in_its_order(database: Database) -> None:
    given = [7, LARGEST, -3, 7]
    with database.reading() as records:
        rows = numbers(dialect_of(records), "wanted")
        assert [n for (n,) in records.execute(rows, {"wanted": listed(given)})] == given
        assert not records.execute(rows, {"wanted": listed([])}).all()


def test_a_row_gets_the_text_of_its_number_and_the_others_none(database: Database) -> None:
    texts = {1: "quoted \"'$.1", LARGEST: "大", 3: None}
    with database.reading() as records:
        dialect = dialect_of(records)
        each = numbers(dialect, "wanted").subquery()
        found = select(each.c.number, text_of(dialect, "ids", each.c.number))
        given = {"wanted": listed([LARGEST, 3, 1, 4]), "ids": looked_up(texts)}
        rows = [tuple(row) for row in records.execute(found, given)]
    assert rows == [(LARGEST, "大"), (3, None), (1, texts[1]), (4, None)]
