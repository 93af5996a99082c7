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
from datetime import UTC, datetime
from functools import cache
from typing import Any, Literal, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Index,
    Select,
    SmallInteger,
    String,
    Update,
    bindparam,
    delete,
    func,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.lists import dialect_of, listed, looked_up, numbers, text_of
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


class Taken(NamedTuple):
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


_DELIVERIES = Delivery.__table__.c
_ITS = _DELIVERIES.campaign_id == bindparam("its_campaign")
_TAKING = (
    select(
        _DELIVERIES.recipient,
        _DELIVERIES.number,
        _DELIVERIES.state,
        _DELIVERIES.attempts,
        _DELIVERIES.road,
        _DELIVERIES.left,
        _DELIVERIES.called_at,
    )
    .where(_ITS)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_NOW = bindparam("now", type_=_DELIVERIES.due_at.type)
_LOST = _TAKING.where(_DELIVERIES.state == CALLING, _DELIVERIES.lease_until <= _NOW)
_LOST = _LOST.order_by(_DELIVERIES.lease_until)
_DUE = _TAKING.where(
    _DELIVERIES.state == WAITING, _DELIVERIES.due_at <= _NOW, _DELIVERIES.road != MASS_ROAD
).order_by(_DELIVERIES.due_at)
_NEXT = (
    select(_DELIVERIES.recipient, _DELIVERIES.number)
    .where(_ITS, _DELIVERIES.recipient > bindparam("cursor"), _DELIVERIES.state == "new")
    .order_by(_DELIVERIES.recipient)
    .limit(bindparam("most"))
)


def take_waiting(records: Records, campaign_id: int, now: datetime, limit: int) -> list[Taken]:
    """Those whose worker was not heard of again, and those whose time has come, but for those of
    `MASS_ROAD`. They are locked until the transaction ends, which says what becomes of each
    (`mark_calling`, `end`)."""
    found = take_lost(records, campaign_id, now, limit)
    return found + _take(records, _DUE, campaign_id, now, limit - len(found))


def take_lost(records: Records, campaign_id: int, now: datetime, limit: int) -> list[Taken]:
    """Those that are being called by a worker that was not heard of again; locked as well."""
    return _take(records, _LOST, campaign_id, now, limit)


def _take(
    records: Records, which: Select[Any], campaign_id: int, now: datetime, limit: int
) -> list[Taken]:
    if limit <= 0:
        return []
    given = {"its_campaign": campaign_id, "now": now, "most": limit}
    return [Taken(*row) for row in records.connection().execute(which, given)]


def take_new(records: Records, campaign: Campaign, limit: int) -> list[Taken]:
    """The next that were not tried yet. The campaign is `locked`: its cursor moves past them."""
    if campaign.first and campaign.stage == "first":
        limit = min(limit, campaign.first - campaign.taken)
    if limit <= 0:
        return []
    given = {"its_campaign": campaign.id, "cursor": campaign.cursor, "most": limit}
    found = [Taken(*row) for row in records.connection().execute(_NEXT, given)]
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


class Calling(NamedTuple):
    """A call that is about to be made."""

    recipient: int
    road: str
    left: str
    attempts: int
    called_at: datetime


class End(NamedTuple):
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


_ALIKE = 128  # ends of one statement: SQLite looks for each one's id through all of them
# Built once: to build a statement costs more than to carry it out.
_MINE = (_ITS, _DELIVERIES.recipient == bindparam("its_recipient"))


@cache
def _some(dialect: str) -> tuple[ColumnElement[bool], ...]:
    """Those that the list `recipients` names."""
    return (_ITS, _DELIVERIES.recipient.in_(numbers(dialect, "recipients")))


@cache
def _marking(dialect: str) -> Update:
    marked = update(Delivery).where(*_some(dialect))
    return marked.values(state="calling", due_at=None, reason="")


@cache
def _sent(dialect: str) -> Update:
    sent_as = text_of(dialect, "ids", _DELIVERIES.recipient)
    ended = update(Delivery).where(*_some(dialect))
    return ended.values(state="sent", lease_until=None, sent_as=sent_as)


@cache
def _held(dialect: str) -> Select[int]:
    """Still marked by this lease; locked in one order."""
    lease = bindparam("lease", type_=_DELIVERIES.lease_until.type)
    marked = (_DELIVERIES.state == CALLING, _DELIVERIES.lease_until == lease)
    theirs = select(_DELIVERIES.recipient).where(*_some(dialect), *marked)
    return theirs.order_by(_DELIVERIES.recipient).with_for_update()


@cache
def _how_many_held(dialect: str) -> Select[int]:
    return select(func.count()).select_from(_held(dialect).subquery())


def mark_calling(
    records: Records, campaign_id: int, calls: Iterable[Calling], lease_until: datetime
) -> None:
    """Say, before the calls, that they are made now."""
    alike: dict[tuple[str, str, int, datetime], list[int]] = {}
    for call in calls:
        told = (call.road, call.left[:400], call.attempts, call.called_at)
        alike.setdefault(told, []).append(call.recipient)
    marking = _marking(dialect_of(records))
    for (road, left, attempts, called_at), recipients in alike.items():
        given = {
            "its_campaign": campaign_id,
            "recipients": listed(recipients),
            "road": road,
            "left": left,
            "attempts": attempts,
            "called_at": called_at,
            "lease_until": lease_until,
        }
        records.connection().execute(marking, given)


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
        for start in range(0, len(some), _ALIKE):
            _write_sent(records, campaign_id, some[start : start + _ALIKE], now)
    _write_each(records, campaign_id, others)
    final = [each for each in mine if each.state not in OPEN]
    counted: Counter[Key] = Counter((str(e.state), e.road, e.reason[:64]) for e in final)
    add_counts(records, campaign_id, counted)
    return {each.recipient for each in mine}


def _write_sent(records: Records, campaign_id: int, alike: Sequence[End], now: datetime) -> None:
    """Most calls end alike, but for the message's id: they are written by one statement."""
    ids = {end.recipient: end.sent_as for end in alike}
    given = {"its_campaign": campaign_id, "recipients": listed(ids), "ids": looked_up(ids)}
    values = {**_values(alike[0]), "sent_at": now}
    records.connection().execute(_sent(dialect_of(records)), {**values, **given})


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
    """Whose call is still the one that was marked."""
    leases: dict[datetime, list[int]] = {}
    for each in ends:
        if each.lease_until is not None:
            leases.setdefault(each.lease_until, []).append(each.recipient)
    held: set[int] = set()
    dialect, connection = dialect_of(records), records.connection()
    for lease, recipients in sorted(leases.items()):
        given = {"its_campaign": campaign_id, "recipients": listed(recipients), "lease": lease}
        # Mostly it is all of them: to count them is less than to name them.
        if connection.scalar(_how_many_held(dialect), given) == len(recipients):
            held.update(recipients)
        else:
            held.update(connection.scalars(_held(dialect), given))
    return held


def drop_deliveries(records: Records, campaign_id: int) -> None:
    """A draft's list is written anew."""
    records.execute(delete(Delivery).where(Delivery.campaign_id == campaign_id))
