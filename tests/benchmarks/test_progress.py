"""No question about progress reads through a table: each finds its rows by an index.

That is what keeps its cost the same where a million applications are stored; how much it costs
there, `python -m benchmarks.progress` measures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event

from benchmarks.progress.asking import WAYS, Asking, Way
from benchmarks.progress.filling import Filled, fill
from benchmarks.progress.measuring import measure, too_dear
from models.database import Database
from tests.models.making import KEYS

NOW = datetime(2026, 11, 23, 2, 4, tzinfo=UTC)
COUNT = 1_000
LARGE = ("people", "accounts", "applications", "application_events", "notices", "codes")
Sent = tuple[str, Any]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[Filled]:
    """A thousand applications, every 25th of which can be asked for."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('filled') / 'records.db'}"
    else:
        server = request.getfixturevalue("postgres_server")
        server.execute("CREATE DATABASE filled")
        url = server.url("filled")
    database = Database(url)
    database.upgrade()
    yield fill(database, KEYS, COUNT, asked=40)
    database.dispose()


@pytest.fixture(scope="module")
def asking(filled: Filled) -> Asking:
    return Asking(KEYS, NOW)


@contextmanager
def watched(database: Database) -> Iterator[list[Sent]]:
    """The statements that a database is sent meanwhile, with their values."""
    sent: list[Sent] = []

    def note(connection: Any, cursor: Any, statement: str, values: Any, *_: Any) -> None:
        sent.append((statement, values))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def plan(database: Database, statement: str, values: Any) -> str:
    """How the database would carry a statement out; PostgreSQL, for which a table of a few pages
    is not worth an index, by an index wherever there is one."""
    word = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
    with database.engine.connect() as connection:
        if not database.is_sqlite:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        rows = connection.exec_driver_sql(f"{word} {statement}", values).all()
    return "\n".join(str(row[-1]) for row in rows)


def read_through(plan: str) -> list[str]:
    """The large tables that a plan reads from beginning to end."""
    found = re.findall(r"(?:SCAN|Seq Scan on) (\w+)", plan)
    return [table for table in found if table in LARGE]


def explained(database: Database, sent: Sequence[Sent]) -> list[str]:
    """A fault for each statement that reads a large table through."""
    read = [(s, v) for s, v in sent if re.match(r"UPDATE|SELECT.*\sFROM\s", s, re.DOTALL)]
    assert len(read) >= 3
    return [s for s, values in read if read_through(plan(database, s, values))]


@pytest.mark.parametrize("way", WAYS)
def test_every_statement_of_a_question_finds_its_rows_by_an_index(
    filled: Filled, asking: Asking, way: Way
) -> None:
    with watched(filled.database) as sent:
        asking.by(way, filled.database, filled.known[7])
    assert explained(filled.database, sent) == []


def test_a_question_without_an_index_would_be_found(filled: Filled) -> None:
    by_district = ("SELECT id FROM applications WHERE district = 'x'", ())
    assert read_through(plan(filled.database, *by_district)) == ["applications"]


@pytest.mark.parametrize("by", ["number", "person"])
def test_whether_there_is_such_a_person_changes_no_statement(
    filled: Filled, asking: Asking, by: str
) -> None:
    who, nobody = filled.known[9], "119999198711080117"
    known = {"number": who.number} if by == "number" else {"name": who.name,
                                                           "id_number": who.id_number}  # fmt: skip
    other = {"number": "YZ26112399999999"} if by == "number" else {"name": "无此人",
                                                                   "id_number": nobody}  # fmt: skip
    seen = []
    for fields in (known, other):
        with watched(filled.database) as sent:
            asking.asks(filled.database, **fields)
        seen.append([statement for statement, _ in sent])
    assert seen[0] == seen[1]
    assert len(seen[0]) >= 4


def test_a_bound_account_costs_the_same_statements_however_many_are_stored(
    filled: Filled, asking: Asking
) -> None:
    counts = []
    for who in (filled.known[0], filled.known[-1]):
        with watched(filled.database) as sent:
            asking.by("account", filled.database, who)
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 12


def test_a_measurement_compares_every_way_and_names_what_is_too_dear(
    filled: Filled, asking: Asking
) -> None:
    found = measure(filled, filled, asking, samples=4, warm=1)
    assert set(found) == set(WAYS)
    cheap, dear = {"ratio_p50": 1.0, "ratio_p95": 2.0}, {"ratio_p50": 1.9, "ratio_p95": 2.01}
    assert too_dear({"number": dear, "person": cheap}) == ["number: ratio_p95 2.01"]
