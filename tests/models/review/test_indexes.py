"""Each question that is asked again and again reads a stretch of an index, whatever waits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session as Records

from models.database import Database
from models.review.applying import apply_due
from models.review.claims import claims_of, end_claims, next_for, peek
from models.review.decisions import CONFIRM
from models.review.items import Lane, Status
from models.review.listing import After, Filters, page_of
from models.review.second import waiting_for_second
from models.staff import Staff
from tests.models.making import NOW
from tests.models.review.making import EAST, LIFE, SOON, WEST, handed_in, officer

Ask = Callable[[Records, Staff], object]
AFTER = After(NOW.date(), NOW, "0" * 32)
QUESTIONS: dict[str, Ask] = {
    "next": lambda records, staff: next_for(records, LIFE, staff, NOW),
    "next of a lane": lambda records, staff: next_for(
        records, LIFE, staff, NOW, lane=Lane.DIFFICULT
    ),
    "peek": peek,
    "claims": claims_of,
    "page": lambda records, staff: page_of(records, staff, Filters()),
    "later page": lambda records, staff: page_of(records, staff, Filters(), AFTER),
    "claimed": lambda records, staff: page_of(records, staff, Filters(status=Status.CLAIMED)),
    "of one": lambda records, staff: page_of(records, staff, Filters(holder=staff.id)),
    "second": lambda records, staff: waiting_for_second(records, staff, CONFIRM),
}


def plans(database: Database, ask: Callable[[], object]) -> list[str]:
    """How SQLite goes about what is asked of the two tables."""
    asked: list[tuple[str, Any]] = []

    def listen(_: object, __: object, statement: str, given: Any, *___: object) -> None:
        if "review_items" in statement or "decisions" in statement:
            asked.append((statement, given))

    event.listen(database.engine, "before_cursor_execute", listen)
    ask()
    event.remove(database.engine, "before_cursor_execute", listen)
    with database.engine.connect() as connection:
        found = [
            str(row[3])
            for statement, given in asked
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
        ]
    assert found
    return found


def _check(plan: list[str]) -> None:
    for step, following in zip(plan, [*plan[1:], ""], strict=True):
        assert "review_items" not in step or "INDEX" in step
        assert not step.startswith("SCAN decisions")
        if "TEMP B-TREE" in following:  # a few rows of one person may be put in order
            assert "ix_review_holder" in step


@pytest.mark.parametrize("districts", [(), (EAST,), (EAST, WEST)])
def test_no_question_of_the_console_reads_or_sorts_everything(
    sqlite_database: Database, districts: tuple[str, ...]
) -> None:
    with sqlite_database.writing() as records:
        handed_in(records)
        staff = officer(records, *districts)

    def asked(question: Ask) -> None:
        with sqlite_database.writing() as records:
            question(records, staff)

    for question in QUESTIONS.values():
        _check(plans(sqlite_database, partial(asked, question)))


def test_neither_does_the_worker(sqlite_database: Database) -> None:
    _check(plans(sqlite_database, lambda: apply_due(sqlite_database, LIFE, SOON)))
    later = SOON + timedelta(days=1)
    _check(plans(sqlite_database, lambda: end_claims(sqlite_database, LIFE, later)))
