"""The counters of campaigns: kept with every change, so that a look costs a handful of rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, String, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.lists import dialect_of
from models.push.campaigns import Campaign
from models.records import Record

FINAL = ("sent", "visit", "unknown", "failed", "skipped")
"""Outcomes of a delivery that nothing follows, see `models.push.deliveries`."""


class PushCount(Record):
    """How many deliveries of a campaign ended so: kept with every change, never counted anew.

    `what` is an `Outcome`; `left`: a road that did not hold, with its reason; `receipt`: what a
    platform said became of it; `answer`: what people said to it, see `SAID_NO`.
    """

    __tablename__ = "push_counts"

    campaign_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    what: Mapped[str] = mapped_column(String(16), primary_key=True)
    road: Mapped[str] = mapped_column(String(32), primary_key=True)
    reason: Mapped[str] = mapped_column(String(64), primary_key=True)
    n: Mapped[int]


Key = tuple[str, str, str]
"""What, road, reason: of a `PushCount`."""

SAID_NO: Key = ("answer", "", "stop")
"""They want to hear of no further campaign."""


def add_counts(records: Records, campaign_id: int, changes: Counter[Key]) -> None:
    """Add to the counters, in one order, so that two workers never wait for each other."""
    rows = [
        {"campaign_id": campaign_id, "what": what, "road": road, "reason": reason, "n": n}
        for (what, road, reason), n in sorted(changes.items())
        if n
    ]
    if not rows:
        return
    records.connection().execute(_adding(dialect_of(records)), rows)


@cache
def _adding(dialect: str) -> Any:
    insert = INSERTS[dialect](PushCount.__table__)
    return insert.on_conflict_do_update(
        index_elements=["campaign_id", "what", "road", "reason"],
        set_={"n": PushCount.n + insert.excluded.n},
    )


_COUNTS = select(PushCount.what, PushCount.road, PushCount.reason, PushCount.n).where(
    PushCount.campaign_id == bindparam("its_campaign")
)


def counts_of(records: Records, campaign_id: int) -> Counter[Key]:
    """The counters, by what, road and reason: a handful of rows however many people there are."""
    rows = records.connection().execute(_COUNTS, {"its_campaign": campaign_id})
    return Counter({(what, road, reason): n for what, road, reason, n in rows})


def ends_now(records: Records) -> Counter[Key]:
    """The counters of all campaigns together, the reason without a platform's code."""
    rows = select(PushCount.what, PushCount.road, PushCount.reason, func.sum(PushCount.n))
    found: Counter[Key] = Counter()
    grouped = rows.group_by(PushCount.what, PushCount.road, PushCount.reason)
    for what, road, reason, n in records.execute(grouped):
        found[what, road, reason.partition(" ")[0]] += int(n)
    return found


def stages_now(records: Records) -> dict[str, int]:
    """How many campaigns stand where."""
    found = select(Campaign.stage, func.count()).group_by(Campaign.stage)
    stages: dict[str, int] = dict(records.execute(found).all())
    return stages


def progress(records: Records, campaign: Campaign) -> dict[str, int]:
    """How many ended how, by `Outcome`, and `open`: read from the counters alone."""
    by_outcome: dict[str, int] = {}
    for (what, _, _), n in counts_of(records, campaign.id).items():
        by_outcome[what] = by_outcome.get(what, 0) + n
    final = sum(by_outcome.get(what, 0) for what in FINAL)
    return {**{what: by_outcome.get(what, 0) for what in FINAL}, "open": campaign.total - final}


def ended_of(records: Records, campaigns: Collection[int]) -> dict[int, int]:
    """How many deliveries of each of these campaigns have ended, in one statement."""
    theirs = (
        select(PushCount.campaign_id, func.sum(PushCount.n))
        .where(PushCount.campaign_id.in_(campaigns), PushCount.what.in_(FINAL))
        .group_by(PushCount.campaign_id)
    )
    return {campaign_id: int(n) for campaign_id, n in records.execute(theirs)}


INSERTS: Mapping[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
"""SQLite and PostgreSQL have the same `ON CONFLICT`, in two dialects."""


def insert_of(records: Records) -> Any:
    """The one of this database."""
    return INSERTS[records.get_bind().dialect.name]
