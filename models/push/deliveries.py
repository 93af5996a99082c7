"""Deliveries: one row for each person of a campaign, from the moment it begins.

A recipient is a number that all accounts of one person share (`Account.recipient`). Rows are made
in one statement, in order of that number, which says nothing of a person: the first hundredth of
them is a fair sample. What has not been tried yet is found by the campaign's `cursor`, what waits
or is being called by partial indexes, so that making a million rows writes nothing but their key.

`calling` is committed before a call is made. A call whose worker died is made again only where the
receiver knows it by its key; else its end is *unknown*.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Index,
    SmallInteger,
    String,
    bindparam,
    delete,
    func,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.lists import numbers, text_of
from models.push.campaigns import Campaign
from models.push.counts import Key, add_counts
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


# --- taking ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Taken:
    """One delivery as it was taken: to be called, or to be ended without a call."""

    recipient: int
    number: str | None
    state: str = "new"  # before it was taken: new, waiting, calling (its worker was lost)
    attempts: int = 0
    road: str = ""
    left: str = ""
    called_at: datetime | None = None

    def key(self, campaign_id: int) -> str:
        return f"p{campaign_id}-{self.recipient}"


_COLUMNS = (
    Delivery.recipient,
    Delivery.number,
    Delivery.state,
    Delivery.attempts,
    Delivery.road,
    Delivery.left,
    Delivery.called_at,
)


def take_waiting(records: Records, campaign_id: int, now: datetime, limit: int) -> list[Taken]:
    """Those whose worker was not heard of again, and those whose time has come, but for those of
    `MASS_ROAD`. They are locked until the transaction ends, which says what becomes of each
    (`mark_calling`, `end`)."""
    found = take_lost(records, campaign_id, now, limit)
    due = (Delivery.state == WAITING, Delivery.due_at <= now, Delivery.road != MASS_ROAD)
    return found + _take(records, campaign_id, due, Delivery.due_at, limit - len(found))


def take_lost(records: Records, campaign_id: int, now: datetime, limit: int) -> list[Taken]:
    """Those that are being called by a worker that was not heard of again; locked as well."""
    lost = (Delivery.state == CALLING, Delivery.lease_until <= now)
    return _take(records, campaign_id, lost, Delivery.lease_until, limit)


def _take(
    records: Records,
    campaign_id: int,
    which: tuple[ColumnElement[bool], ...],
    order: InstrumentedAttribute[datetime | None],
    limit: int,
) -> list[Taken]:
    if limit <= 0:
        return []
    mine = select(*_COLUMNS).where(Delivery.campaign_id == campaign_id, *which)
    mine = mine.order_by(order).limit(limit).with_for_update(skip_locked=True)
    return [Taken(*row) for row in records.execute(mine)]


def take_new(records: Records, campaign: Campaign, limit: int) -> list[Taken]:
    """The next that were not tried yet. The campaign is `locked`: its cursor moves past them."""
    if campaign.first and campaign.stage == "first":
        limit = min(limit, campaign.first - campaign.taken)
    if limit <= 0:
        return []
    mine = select(Delivery.recipient, Delivery.number).where(*_new(campaign))
    rows = records.connection().execute(mine.order_by(Delivery.recipient).limit(limit))
    found = [Taken(recipient, number) for recipient, number in rows]
    if found:
        campaign.cursor = found[-1].recipient
        campaign.taken += len(found)
    return found


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


# --- what becomes of them ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Calling:
    """A call that is about to be made."""

    recipient: int
    road: str
    left: str
    attempts: int
    called_at: datetime


@dataclass(frozen=True, slots=True)
class End:
    """What became of one: an `Outcome` but `new` and `calling`.

    `lease_until` is the one with which the call was marked, where that was in an earlier
    transaction: whoever was away for longer holds it no more, and changes nothing.
    """

    recipient: int
    state: Outcome
    road: str
    reason: str = ""
    left: str = ""
    attempts: int = 0
    due_at: datetime | None = None  # of `waiting`
    called_at: datetime | None = None  # of `waiting` after a call that may have been carried out
    sent_as: str | None = None
    lease_until: datetime | None = None


_TABLE = Delivery.__table__
_MINE = (
    _TABLE.c.campaign_id == bindparam("its_campaign"),
    _TABLE.c.recipient == bindparam("its_recipient"),
)


def mark_calling(
    records: Records, campaign_id: int, calls: Iterable[Calling], lease_until: datetime
) -> None:
    """Say, before the calls, that they are made now."""
    alike: dict[tuple[str, str, int, datetime], list[int]] = {}
    for call in calls:
        told = (call.road, call.left[:400], call.attempts, call.called_at)
        alike.setdefault(told, []).append(call.recipient)
    for (road, left, attempts, called_at), recipients in alike.items():
        mine = Delivery.recipient.in_(numbers(records, recipients))
        theirs = (Delivery.campaign_id == campaign_id, mine)
        marked = (
            update(Delivery)
            .where(*theirs)
            .values(
                state="calling",
                road=road,
                left=left,
                attempts=attempts,
                called_at=called_at,
                lease_until=lease_until,
                due_at=None,
                reason="",
            )
        )
        records.execute(marked.execution_options(synchronize_session=False))


def end(records: Records, campaign_id: int, ends: Sequence[End], now: datetime) -> set[int]:
    """Write what became of them, with the counters of what is final. Returns the recipients for
    whom it holds: not those whose lease ran out and whom somebody else took."""
    held = _still_held(records, campaign_id, ends)
    mine = [each for each in ends if each.lease_until is None or each.recipient in held]
    if not mine:
        return set()
    sent: dict[tuple[Any, ...], list[End]] = {}
    others: list[End] = []
    for each in mine:
        if each.state == "sent":
            alike = (each.road, each.reason, each.left, each.attempts, each.called_at)
            sent.setdefault(alike, []).append(each)
        else:
            others.append(each)
    for some in sent.values():
        _write_sent(records, campaign_id, some, now)
    _write_each(records, campaign_id, others)
    final = [each for each in mine if each.state not in OPEN]
    counted: Counter[Key] = Counter((str(e.state), e.road, e.reason[:64]) for e in final)
    add_counts(records, campaign_id, counted)
    return {each.recipient for each in mine}


def _write_sent(records: Records, campaign_id: int, alike: Sequence[End], now: datetime) -> None:
    """Most calls end alike, but for the message's id: they are written by one statement."""
    sent_as = {end.recipient: end.sent_as for end in alike}
    theirs = (
        Delivery.campaign_id == campaign_id,
        Delivery.recipient.in_(numbers(records, sent_as)),
    )
    written = (
        update(Delivery)
        .where(*theirs)
        .values(
            **_values(alike[0]),
            lease_until=None,
            sent_at=now,
            sent_as=text_of(records, sent_as, Delivery.recipient),
        )
    )
    records.execute(written.execution_options(synchronize_session=False))


def _write_each(records: Records, campaign_id: int, ends: Sequence[End]) -> None:
    rows = [
        {
            **_values(each),
            "its_campaign": campaign_id,
            "its_recipient": each.recipient,
            "sent_as": each.sent_as,
        }
        for each in ends
    ]
    if rows:
        written = update(Delivery).where(*_MINE).values(lease_until=None, sent_at=None)
        records.connection().execute(written, rows)


def _values(end: End) -> dict[str, Any]:
    return {
        "state": end.state,
        "road": end.road,
        "reason": end.reason[:64],
        "left": end.left[:400],
        "attempts": end.attempts,
        "due_at": end.due_at,
        "called_at": end.called_at,
    }


def _still_held(records: Records, campaign_id: int, ends: Sequence[End]) -> set[int]:
    """Whose call is still the one that was marked. They are locked in one order."""
    leases: dict[datetime, list[int]] = {}
    for each in ends:
        if each.lease_until is not None:
            leases.setdefault(each.lease_until, []).append(each.recipient)
    held: set[int] = set()
    for lease_until, recipients in sorted(leases.items()):
        theirs = (
            select(Delivery.recipient)
            .where(
                Delivery.campaign_id == campaign_id,
                Delivery.recipient.in_(numbers(records, recipients)),
                Delivery.state == CALLING,
                Delivery.lease_until == lease_until,
            )
            .order_by(Delivery.recipient)
            .with_for_update()
        )
        # Mostly it is all of them: to count them is less than to name them.
        count = select(func.count()).select_from(theirs.subquery())
        if records.scalar(count) == len(recipients):
            held.update(recipients)
        else:
            held.update(records.scalars(theirs))
    return held


def drop_deliveries(records: Records, campaign_id: int) -> None:
    """A draft's list is written anew."""
    records.execute(delete(Delivery).where(Delivery.campaign_id == campaign_id))
