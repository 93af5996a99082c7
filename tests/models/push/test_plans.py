"""However many people a campaign has, what workers and pages ask of it is found by an index."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session as Records

from models.database import Database
from models.push.campaigns import Campaign
from models.push.counts import progress
from models.push.deliveries import (
    first_are_told,
    is_ready,
    is_worked_off,
    next_due,
    take_lost,
    take_new,
    take_waiting,
)
from models.push.heard import heard_by
from models.push.lapsing import forsaken_campaigns
from tests.models.making import NOW
from tests.models.push.test_audience import make_campaign

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
    "progress": lambda records, its: progress(records, its),
}


@pytest.mark.parametrize("what", ASKED)
def test_nothing_reads_through_a_campaign(sqlite_database: Database, what: str) -> None:
    with sqlite_database.writing() as records:
        campaign = make_campaign(records, "announcement")
        campaign.first = campaign.taken = 1
        records.flush()
        sent: list[tuple[str, Any]] = []

        def keep(_: Any, __: Any, statement: str, given: Any, *___: Any) -> None:
            sent.append((statement, given))

        event.listen(sqlite_database.engine, "before_cursor_execute", keep)
        ASKED[what](records, campaign)
        event.remove(sqlite_database.engine, "before_cursor_execute", keep)
        asked = [each for each in sent if each[0].startswith("SELECT")]
        assert asked
        for statement, given in asked:
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
