"""A campaign's people become rows: chosen by what `audience` says, written in one statement.

To choose a million people by their applications takes seconds. On SQLite, where one may write at a
time, they are chosen before the write transaction begins, into a temporary table of its connection:
that is a database of its own, and the lock that turns wait for is not taken. Whoever says no in
between is met when they are called, as whoever says no later. PostgreSQL does both at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    Integer,
    MetaData,
    Select,
    String,
    Table,
    insert,
    literal,
    select,
    text,
)
from sqlalchemy.orm import Session as Records
from sqlalchemy.schema import CreateTable, DropTable

from models.database import Database, patience
from models.push.audience import PATIENCE_SECONDS, Purpose, Segment, chosen_again, purpose_of, size
from models.push.campaigns import Campaign
from models.push.counts import insert_of
from models.push.deliveries import Delivery

_CHOSEN = Table(
    "push_chosen",
    MetaData(),
    Column("recipient", Integer, primary_key=True),  # in whose order rows are written fastest
    Column("number", String(32)),
    prefixes=["TEMPORARY"],
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The people that stand in the temporary table of a transaction, and of whom they are."""

    purpose: Purpose
    audience: Mapping[str, Any]

    def fit(self, campaign: Campaign) -> bool:
        """Whether they are still those that it is for."""
        return (purpose_of(campaign), campaign.audience) == (self.purpose, self.audience)


@contextmanager
def expanding(
    database: Database, campaign_id: int, now: datetime, today: date
) -> Iterator[tuple[Records, Chosen | None]]:
    """The write transaction in which a campaign is expanded, and who was chosen before; None where
    they are chosen in it."""
    with database.reading() as records:
        chosen = _to_choose(database, records.get_one(Campaign, campaign_id))
    if chosen is None:
        with database.writing() as records:
            yield records, None
        return
    with database.on_one_connection() as line:
        try:
            with line.reading() as records:
                _choose(records, chosen, now, today)
            with line.writing() as records:
                yield records, chosen
        finally:
            with line.reading() as records:
                records.execute(DropTable(_CHOSEN, if_exists=True))


def expand(
    records: Records,
    campaign: Campaign,
    segment: Segment,
    now: datetime,
    today: date,
    chosen: Chosen | None = None,
) -> int:
    """Make a row for everybody, in one statement; the campaign is `locked`. Returns how many.

    A second time changes nothing: who has a row keeps it.
    """
    held = size(records, campaign.id)
    if chosen is not None and chosen.fit(campaign):
        people: Select[Any, Any] = select(_CHOSEN.c.recipient, _CHOSEN.c.number)
        people = people.order_by(_CHOSEN.c.recipient)
    else:
        people = chosen_again(segment, purpose_of(campaign), now, today)
    people = people.add_columns(literal(campaign.id), literal("new"))
    columns = (Delivery.recipient, Delivery.number, Delivery.campaign_id, Delivery.state)
    rows = insert_of(records)(Delivery).from_select(
        [column.key for column in columns], people, include_defaults=False
    )  # what the table itself has for the others costs less
    with patience(records, PATIENCE_SECONDS):
        made = records.connection().execute(
            rows.on_conflict_do_nothing(), execution_options={"preserve_rowcount": True}
        )
    campaign.total = held + made.rowcount
    records.flush()
    return campaign.total


def note_how_many(database: Database) -> None:
    """Let PostgreSQL see that there are many rows more, once they are committed. By itself it does
    a minute later, and with the plans that it kept until then it reads through all of a campaign
    for each transaction of the sending."""
    if not database.is_sqlite:
        with database.writing() as records, patience(records, PATIENCE_SECONDS):
            records.execute(text(f"ANALYZE {Delivery.__tablename__}"))


def _to_choose(database: Database, campaign: Campaign) -> Chosen | None:
    """Subscribers are written as fast as they are chosen, and a list was chosen by others."""
    if not database.is_sqlite or "list" in campaign.audience:
        return None
    purpose = purpose_of(campaign)
    of_applications = Segment.read(campaign.audience).of_applications
    if purpose == "announcement" and not of_applications:
        return None
    return Chosen(purpose, dict(campaign.audience))


def _choose(records: Records, chosen: Chosen, now: datetime, today: date) -> None:
    people = chosen_again(Segment.read(chosen.audience), chosen.purpose, now, today)
    records.execute(CreateTable(_CHOSEN))
    records.connection().execute(insert(_CHOSEN).from_select(["recipient", "number"], people))
