"""Deliveries: one row for each person of a campaign, from the moment it begins.

A recipient is a number that all accounts of one person share (`Account.recipient`). Rows are made
in one statement, in order of that number, which says nothing of a person: the first hundredth of
them is a fair sample. What has not been tried yet is found by the campaign's `cursor`, what waits
or is being called by partial indexes, so that making a million rows writes nothing but their key.

`calling` is committed before a call is made. A call whose worker died is made again only where the
receiver knows it by its key; else its end is *unknown*.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Index,
    SmallInteger,
    String,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.push.campaigns import Campaign
from models.records import Record

Outcome = Literal["new", "waiting", "calling", "sent", "visit", "unknown", "failed", "skipped"]
"""new: not tried · waiting: again from `due_at` on · calling: being called now · sent: a platform
took it · visit: told at the person's next visit · unknown: nobody can say · failed: no road held ·
skipped: must not be told, see `Delivery.reason`."""
OPEN: Sequence[Outcome] = ("new", "waiting", "calling")
MASS_ROAD = "wechat:mass"
"""What waits or is called by this road does so with its batch, see `models.push.masses`."""


TOLD = "state = 'sent' OR state = 'visit' OR state = 'unknown'"
"""Those that somebody may have got, as their index has it: a list of values costs SQLite as much
for each new row as all else together, and it finds the index by these words alone."""


WAITING, CALLING = (literal_column(f"'{state}'", String) for state in ("waiting", "calling"))
"""To compare a state with. A plan that PostgreSQL keeps for any value knows no index of one."""


class Delivery(Record):
    """What became of one person. `road` is `channel:rung` (wechat:template) or sms; `left` the
    roads that did not hold and why, `road reason` parted by semicolons. `sent_as` is the message's
    id at the platform, or names the batch of 群发."""

    __tablename__ = "push_deliveries"
    __table_args__ = (
        Index(
            "ix_push_deliveries_waiting",
            "campaign_id",
            "due_at",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_push_deliveries_calling",
            "campaign_id",
            "lease_until",
            sqlite_where=text("state = 'calling'"),
            postgresql_where=text("state = 'calling'"),
        ),
        Index(
            "ix_push_deliveries_sent_as",
            "sent_as",
            sqlite_where=text("sent_as IS NOT NULL"),
            postgresql_where=text("sent_as IS NOT NULL"),
        ),
        Index(
            "ix_push_deliveries_doubt",
            "recipient",
            sqlite_where=text("state = 'waiting' AND called_at IS NOT NULL"),
            postgresql_where=text("state = 'waiting' AND called_at IS NOT NULL"),
        ),
        Index(
            "ix_push_deliveries_told",
            "recipient",
            sqlite_where=text(TOLD),
            postgresql_where=text(TOLD),
        ),
        {"sqlite_with_rowid": False},
    )

    campaign_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    recipient: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[str | None] = mapped_column(String(32))  # the application that it is about
    state: Mapped[str] = mapped_column(String(8), default="new")
    due_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    called_at: Mapped[datetime | None]  # the first call by this road, while nobody knows its end
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    road: Mapped[str] = mapped_column(String(32), default="")
    reason: Mapped[str] = mapped_column(String(64), default="")
    left: Mapped[str] = mapped_column(String(400), default="")
    sent_as: Mapped[str | None] = mapped_column(String(64))
    receipt: Mapped[str] = mapped_column(String(32), default="")
    sent_at: Mapped[datetime | None]

    @property
    def key(self) -> str:
        """By what a receiver knows a second call for the first."""
        return f"p{self.campaign_id}-{self.recipient}"


COLUMNS = Delivery.__table__.c
ITS = COLUMNS.campaign_id == bindparam("its_campaign")
"""For statements that are built once: to build one costs more than to carry it out."""


# --- what is left to do -----------------------------------------------------------------------


def is_ready(records: Records, campaign: Campaign, now: datetime) -> bool:
    """Whether any of it may be taken at this moment, by its stage."""
    its = Delivery.campaign_id == campaign.id
    lost = (its, Delivery.state == CALLING, Delivery.lease_until <= now)
    due = (its, Delivery.state == WAITING, Delivery.due_at <= now, Delivery.road != MASS_ROAD)
    held_back = campaign.stage == "first" and 0 < campaign.first <= campaign.taken
    return any(_is_any(records, *which) for which in (lost, due)) or (
        not held_back and is_any_new(records, campaign)
    )


def is_worked_off(records: Records, campaign: Campaign) -> bool:
    """Whether nothing of it is open: not tried, waiting or being called."""
    its = Delivery.campaign_id == campaign.id
    waiting = (its, Delivery.state == WAITING, Delivery.due_at > _EVER)
    if is_any_new(records, campaign):
        return False
    return not any(_is_any(records, *which) for which in (waiting, _calling(campaign)))


def first_are_told(records: Records, campaign: Campaign, soon: datetime) -> bool:
    """Whether its first have been told, but for those that wait until after `soon`."""
    if not campaign.first or campaign.taken < campaign.first:
        return False
    waiting = (Delivery.campaign_id == campaign.id, Delivery.state == WAITING)
    due = (*waiting, Delivery.due_at > _EVER, Delivery.due_at <= soon)
    # Of a batch of 群发 that was put off they are called, and due at its time.
    called = (*_calling(campaign), or_(Delivery.due_at.is_(None), Delivery.due_at <= soon))
    return not _is_any(records, *called) and not _is_any(records, *due)


def is_any_new(records: Records, campaign: Campaign) -> bool:
    """Whether any of its people were not tried yet. Without an order PostgreSQL looks for the first
    in the whole table, where it thinks that most are such."""
    new = select(Delivery.recipient).where(*_new(campaign)).order_by(Delivery.recipient)
    return records.scalar(new.limit(1)) is not None


def is_any_elsewhere(records: Records, campaign: Campaign, until: datetime) -> bool:
    """Whether any of its people is being called, or waits until then at most, by another road than
    `MASS_ROAD`."""
    waiting = (Delivery.campaign_id == campaign.id, Delivery.state == WAITING)
    either = (_calling(campaign), (*waiting, Delivery.due_at <= until))
    return any(_is_any(records, *which, Delivery.road != MASS_ROAD) for which in either)


def next_due(records: Records, campaign_id: int) -> datetime | None:
    """When the first of those that wait may be tried again, but for those of `MASS_ROAD`."""
    waiting = (Delivery.campaign_id == campaign_id, Delivery.state == WAITING)
    mine = (*waiting, Delivery.road != MASS_ROAD)
    return records.scalar(select(func.min(Delivery.due_at)).where(*mine))


def _new(campaign: Campaign) -> tuple[ColumnElement[bool], ...]:
    its = (Delivery.campaign_id == campaign.id, Delivery.recipient > campaign.cursor)
    return (*its, Delivery.state == "new")


def _calling(campaign: Campaign) -> tuple[ColumnElement[bool], ...]:
    its = (Delivery.campaign_id == campaign.id, Delivery.state == CALLING)
    return (*its, Delivery.lease_until > _EVER)


_EVER = datetime(1970, 1, 1, tzinfo=UTC)
"""What is compared with it is found by the index of these few, not by that of the whole campaign.
"""


def _is_any(records: Records, *which: ColumnElement[bool]) -> bool:
    return records.scalar(select(Delivery.recipient).where(*which).limit(1)) is not None
