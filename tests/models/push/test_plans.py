"""However many people a campaign has, what workers and pages ask of it is found by an index."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, insert, select
from sqlalchemy.orm import Session as Records

from config.city import load_city
from models.applications import Application
from models.database import Database
from models.push import masses
from models.push.campaigns import Campaign
from models.push.counts import progress
from models.push.deliveries import (
    MASS_ROAD,
    Delivery,
    first_are_told,
    is_ready,
    is_worked_off,
    next_due,
)
from models.push.heard import heard_by
from models.push.lapsing import forsaken_campaigns
from models.push.mass_results import may_be_ours
from models.push.reminders import has_room, was_reminded
from models.push.taking import take_lost, take_new, take_waiting
from tests.models.making import NOW
from tests.models.push.test_audience import make_campaign

CITY = load_city()


def with_room(records: Records, its: Campaign) -> object:
    """Of its day, to which it belongs."""
    its.kind, its.written_at = "reminder", NOW
    records.flush()
    waiting = select(Application.id).where(has_room(records, CITY, "collect_due", NOW))
    return records.execute(waiting).all()


def stopped(records: Records, its: Campaign) -> object:
    """Of a day that staff ended."""
    its.kind, its.written_at, its.stage = "reminder", NOW, "stopped"
    its.audience = {"reminder": "collect_due"}
    records.flush()
    told = was_reminded(records, "collect_due", NOW, ["15d"])
    return records.execute(select(Application.id).where(~told)).all()


ASKED: dict[str, Callable[[Records, Campaign], object]] = {
    "calls whose worker was lost": lambda records, its: take_lost(records, its.id, NOW, 10),
    "what waits": lambda records, its: take_waiting(records, its.id, NOW, 10),
    "what was not tried": lambda records, its: take_new(records, its, 10),
    "whether anything is due": lambda records, its: is_ready(records, its, NOW),
    "whether anything is open": lambda records, its: is_worked_off(records, its),
    "whether the first are told": lambda records, its: first_are_told(records, its, NOW),
    "when the next is due": lambda records, its: next_due(records, its.id),
    "what a stopped one left": lambda records, its: forsaken_campaigns(records, NOW),
    "what somebody got": lambda records, its: heard_by(records, [5]),
    "who was told by a reminder that was stopped": lambda records, its: stopped(records, its),
    "progress": lambda records, its: progress(records, its),
    "who has room for a reminder": lambda records, its: with_room(records, its),
}


def _batch(records: Records) -> masses.Mass:
    return records.scalars(select(masses.Mass)).one()


BATCHES: dict[str, Callable[[Records, Campaign], object]] = {
    "a place in a batch": lambda records, its: masses.gather(records, its, "wx1", "zh_CN", 1, NOW),
    "whether a batch is ready": lambda records, its: masses.is_ready(
        records, its, _batch(records), NOW
    ),
    "what is to be done": lambda records, its: masses.open_masses(records),
    "who is in a batch": lambda records, its: masses.members(records, _batch(records)),
    "who of a batch leaves": lambda records, its: masses.leave(
        records, _batch(records), [1, 2], "left", NOW
    ),
    "a batch is called": lambda records, its: masses.begin_call(
        records, _batch(records), 2, NOW, NOW
    ),
    "a batch is put off": lambda records, its: masses.call_later(records, _batch(records), NOW),
    "a batch was taken": lambda records, its: masses.end_called(
        records, _batch(records), "900", NOW, NOW
    ),
    "nobody got a batch": lambda records, its: masses.end_failed(records, _batch(records)),
    "whose result it is": lambda records, its: may_be_ours(records, "wx1", "900"),
}
ALL = {**ASKED, **BATCHES}
Sent = list[tuple[str, Any]]


def _asked(records: Records, what: str) -> Sent:
    """What the database is asked, of a campaign of which one waits for a batch."""
    campaign = make_campaign(records, "announcement")
    campaign.first = campaign.taken = 1
    (place,) = masses.gather(records, campaign, "wx1", "zh_CN", 1, NOW)
    records.flush()
    waits = {"state": "waiting", "road": MASS_ROAD, "sent_as": place.sent_as, "due_at": NOW}
    rows = [{"state": "sent"}] * 4999 + [waits]
    records.execute(
        insert(Delivery),
        [{"campaign_id": campaign.id, "recipient": n, **row} for n, row in enumerate(rows, 1)],
    )
    sent: Sent = []

    def keep(_: Any, __: Any, statement: str, given: Any, *___: Any) -> None:
        if statement.startswith(("SELECT", "UPDATE")):
            sent.append((statement, given))

    engine = records.get_bind()
    event.listen(engine, "before_cursor_execute", keep)
    ALL[what](records, campaign)
    event.remove(engine, "before_cursor_execute", keep)
    assert sent
    return sent


@pytest.mark.parametrize("what", ALL)
def test_nothing_reads_through_a_campaign(sqlite_database: Database, what: str) -> None:
    with sqlite_database.writing() as records:
        for statement, given in _asked(records, what):
            plan = records.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
            for step in [str(row[3]) for row in plan]:
                _is_by_an_index(step)


def _is_by_an_index(step: str) -> None:
    """Calls in flight and what waits are few: their own indexes may be read through. Beside the
    campaign alone the primary key gives all of it."""
    if "push_deliveries" not in step:
        return
    assert "USING" in step
    assert step.startswith("SEARCH") or "ix_push_deliveries_calling" in step, step
    assert "PRIMARY KEY (campaign_id=?)" not in step, step


@pytest.mark.parametrize("what", ALL)
def test_nor_does_a_plan_that_is_kept_for_any_value(postgres_database: Database, what: str) -> None:
    with postgres_database.writing() as records:
        connection = records.connection()
        asked = _asked(records, what)
        connection.exec_driver_sql("ANALYZE push_deliveries")
        connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
        for n, (statement, given) in enumerate(asked):
            places = {name: f"${place}" for place, name in enumerate(given, 1)}
            connection.exec_driver_sql(f"PREPARE plan{n} AS {statement % places}")
            nothing = f"({', '.join(['NULL'] * len(given))})" if given else ""
            explain = f"EXPLAIN (FORMAT JSON) EXECUTE plan{n}{nothing}"
            (plan,) = connection.exec_driver_sql(explain).scalar_one()
            _has_indexes(plan["Plan"])


def _has_indexes(step: dict[str, Any]) -> None:
    """The primary key by who it is, or one of the indexes of a few."""
    if step.get("Relation Name") == "push_deliveries" and "Scan" in step["Node Type"]:
        index = step.get("Index Name", "none")
        by_whom = index == "pk_push_deliveries" and "recipient" in step["Index Cond"]
        assert by_whom or index.startswith("ix_push_deliveries_"), step
    for below in step.get("Plans", []):
        _has_indexes(below)
