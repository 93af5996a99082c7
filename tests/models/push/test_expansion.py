"""People are chosen before the lock is taken, and become rows in one statement."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest
from sqlalchemy import event, select, text

from models.database import Database
from models.people import account_of
from models.push.audience import Segment
from models.push.campaigns import locked
from models.push.deliveries import Delivery
from models.push.expansion import expand, expanding
from tests.models.making import NOW
from tests.models.push.test_audience import (
    CHEN,
    CHILD,
    EAST,
    LI,
    TODAY,
    WEST,
    applicant,
    make_campaign,
    town,
)

__all__ = ["town"]


def campaign_for(database: Database, segment: dict[str, Any]) -> int:
    with database.writing() as records:
        campaign = make_campaign(records, "service")
        campaign.audience = segment
        return campaign.id


def expanded(database: Database, number: int) -> int:
    with expanding(database, number, NOW, TODAY) as (records, chosen):
        its = locked(records, number)
        return expand(records, its, Segment.read(its.audience), NOW, TODAY, chosen)


def rows(database: Database, number: int) -> list[tuple[int, str | None]]:
    """In the order in which they lie."""
    with database.reading() as records:
        its = select(Delivery.recipient, Delivery.number).where(Delivery.campaign_id == number)
        return [tuple(row) for row in records.execute(its)]  # type: ignore[misc]


def recipients(database: Database, *accounts: str) -> list[int]:
    with database.writing() as records:
        return sorted(account_of(records, each, NOW).recipient for each in accounts)


def test_rows_are_those_that_were_chosen_one_a_person_in_order_of_the_recipient(
    town: Database,
) -> None:
    number = campaign_for(town, {"districts": [WEST]})
    with town.writing() as records:
        later = applicant(records, CHILD, 2018, district=WEST, holder_proven=False)
    assert expanded(town, number) == 2
    found = rows(town, number)
    assert [each for each, _ in found] == recipients(town, CHILD, LI)
    (child,) = recipients(town, CHILD)
    assert dict(found)[child] == later


def test_again_every_row_is_kept_and_the_new_are_added(town: Database) -> None:
    number = campaign_for(town, {"states": ["SUBMITTED", "APPROVED"], "districts": [EAST, WEST]})
    assert expanded(town, number) == 2
    with town.writing() as records:
        first = records.scalars(select(Delivery)).first()
        assert first
        first.state, first.number = "sent", "kept"
    before = rows(town, number)
    assert expanded(town, number) == 2
    assert rows(town, number) == before
    with town.writing() as records:
        applicant(records, "wechat:wx1:oNew", 1985, district=EAST, holder_proven=False)
    assert expanded(town, number) == 3
    assert set(before) < set(rows(town, number))


def test_others_write_while_people_are_chosen(sqlite_database: Database) -> None:
    town, done = sqlite_database, list[int]()
    with town.writing() as records:
        applicant(records, CHEN, 1990)
        applicant(records, LI, 1985)
    other = sqlite3.connect(str(town.url.database), isolation_level=None)
    other.execute("PRAGMA busy_timeout=0")

    def write() -> int:
        """Called by SQLite every few steps of a statement."""
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO push_counts VALUES (999, 'x', ?, '', 1)", (str(len(done)),))
        other.execute("COMMIT")
        done.append(1)
        return 0

    number = campaign_for(town, {})

    def before(connection: Any, _: Any, statement: str, *__: Any) -> None:
        handler = write if statement.startswith("INSERT INTO push_chosen") else None
        connection.connection.driver_connection.set_progress_handler(handler, 20)

    event.listen(town.engine, "before_cursor_execute", before)
    assert expanded(town, number) == 2
    event.remove(town.engine, "before_cursor_execute", before)
    assert done, "in the middle of the choosing"
    with town.reading() as records:
        kept = records.scalar(text("SELECT count(*) FROM push_counts WHERE campaign_id = 999"))
    assert kept == len(done)
    other.close()


def test_what_dies_in_the_middle_leaves_nothing_and_is_done_again(town: Database) -> None:
    number = campaign_for(town, {})
    with pytest.raises(KeyError), expanding(town, number, NOW, TODAY) as (records, chosen):
        assert expand(records, locked(records, number), Segment(), NOW, TODAY, chosen) == 3
        raise KeyError
    assert rows(town, number) == []
    assert expanded(town, number) == 3


def test_whoever_was_chosen_for_something_else_gets_no_row(town: Database) -> None:
    number = campaign_for(town, {"districts": [WEST]})
    with expanding(town, number, NOW, TODAY) as (records, chosen):
        assert (chosen is not None) == town.is_sqlite
        its = locked(records, number)
        its.audience = {"districts": [EAST]}
        assert expand(records, its, Segment(districts=(EAST,)), NOW, TODAY, chosen) == 1
    assert [each for each, _ in rows(town, number)] == recipients(town, CHEN)


def test_subscribers_and_lists_are_not_chosen_before(town: Database) -> None:
    for purpose, audience in (("announcement", {}), ("service", {"list": 3})):
        number = campaign_for(town, audience)
        with town.writing() as records:
            locked(records, number).purpose = purpose
        with expanding(town, number, NOW, TODAY) as (_, chosen):
            assert chosen is None
