"""What becomes of deliveries: they are marked before their calls, and end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Update, bindparam, delete, func, select, update
from sqlalchemy.orm import Session as Records

from models.lists import dialect_of, listed, looked_up, numbers, text_of
from models.push.counts import Key, add_counts
from models.push.deliveries import CALLING, COLUMNS, ITS, OPEN, Delivery, Outcome


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
_MINE = (ITS, COLUMNS.recipient == bindparam("its_recipient"))


@cache
def _some(dialect: str) -> tuple[ColumnElement[bool], ...]:
    """Those that the list `recipients` names."""
    return (ITS, COLUMNS.recipient.in_(numbers(dialect, "recipients")))


@cache
def _marking(dialect: str) -> Update:
    marked = update(Delivery).where(*_some(dialect))
    return marked.values(state="calling", due_at=None, reason="")


@cache
def _sent(dialect: str) -> Update:
    sent_as = text_of(dialect, "ids", COLUMNS.recipient)
    ended = update(Delivery).where(*_some(dialect))
    return ended.values(state="sent", lease_until=None, sent_as=sent_as)


@cache
def _held(dialect: str) -> Select[int]:
    """Still marked by this lease; locked in one order."""
    lease = bindparam("lease", type_=COLUMNS.lease_until.type)
    marked = (COLUMNS.state == CALLING, COLUMNS.lease_until == lease)
    theirs = select(COLUMNS.recipient).where(*_some(dialect), *marked)
    return theirs.order_by(COLUMNS.recipient).with_for_update()


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


def end(
    records: Records, campaign_id: int, ends: Sequence[End], now: datetime
) -> dict[int, datetime | None]:
    """Write what became of them, with the counters of what is final. Returns for whom it holds, and
    by which lease: not those whose lease ran out and who were taken since, be it by us."""
    held = _still_held(records, campaign_id, ends)
    mine = [each for each in ends if each.lease_until in (None, held.get(each.recipient))]
    if not mine:
        return {}
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
    return {each.recipient: each.lease_until for each in mine}


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


def _still_held(records: Records, campaign_id: int, ends: Sequence[End]) -> dict[int, datetime]:
    """Whose call is still the one that was marked, with its lease."""
    leases: dict[datetime, list[int]] = {}
    for each in ends:
        if each.lease_until is not None:
            leases.setdefault(each.lease_until, []).append(each.recipient)
    held: dict[int, datetime] = {}
    dialect, connection = dialect_of(records), records.connection()
    for lease, recipients in sorted(leases.items()):
        given = {"its_campaign": campaign_id, "recipients": listed(recipients), "lease": lease}
        # Mostly it is all of them: to count them is less than to name them.
        if connection.scalar(_how_many_held(dialect), given) == len(recipients):
            held.update(dict.fromkeys(recipients, lease))
        else:
            held.update(dict.fromkeys(connection.scalars(_held(dialect), given), lease))
    return held


def drop_deliveries(records: Records, campaign_id: int) -> None:
    """A draft's list is written anew."""
    records.execute(delete(Delivery).where(Delivery.campaign_id == campaign_id))
