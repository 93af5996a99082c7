"""What happens to a card by the clock: reminders to collect it, putting it away, one hint that it
is not switched on, reminders that it expires.

A reminder is a row of the log, so that a restart repeats none, and a delivery of today's campaign
of its kind (`models.push.reminders`); of several that are due at once (the worker stood still) only
the latest is told. Workers go one after another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session as Records

from config.calendar import months_before
from models.application_states import Actor, State
from models.applications import Application
from models.card_moves import CardMove
from models.database import one_worker_at_a_time
from models.lifecycle import Lifecycle
from models.one_by_one import each_by_itself
from models.passes import end_passes
from models.push.reminders import REMINDERS, has_room, remind, was_reminded, with_room

BATCH = 50  # in one transaction, for which their campaign is held
_BY = "timer:collection"
_UNDER_WAY = exists().where(CardMove.application_id == Application.id, CardMove.ended_at.is_(None))
_HINTED_FOR = timedelta(days=60)  # longer than a worker stands still


class Mark(NamedTuple):
    """A reminder so long after the card came into its state: `3m`, `15d`."""

    name: str
    since: date  # cards that have been there since this day or an earlier one are due


def do_due(records: Records, life: Lifecycle, now: datetime, most: int = BATCH) -> int:
    """Put away, or remind of one kind, up to `most`, in the hours in which people are written to:
    so the sending never waits for long for a campaign. Returns how many; 0 when nothing is due."""
    rules, local = life.city.collection, now.astimezone(life.city.tz)
    if not rules.from_hour <= local.hour < rules.until_hour:
        return 0
    one_worker_at_a_time(records, _BY)
    today = local.date()
    return (
        _seal(records, life, today, now, most)
        or _collect(records, life, today, now, most)
        or _activate(records, life, today, now, most)
        or _expire(records, life, today, now, most)
    )


# --- reminding ---------------------------------------------------------------------------------


def _collect(records: Records, life: Lifecycle, today: date, now: datetime, most: int) -> int:
    rules = life.city.collection
    marks = [Mark(f"{n}d", today - timedelta(days=n)) for n in rules.remind_days]
    marks += [Mark(f"{n}m", months_before(today, n)) for n in rules.remind_months]
    over = months_before(today, rules.seal_months)
    return _remind(records, life, "collect_due", marks, over, now, most)


def _activate(records: Records, life: Lifecycle, today: date, now: datetime, most: int) -> int:
    """Who has had the card for long without it is not looked at for ever."""
    since = today - timedelta(days=life.city.collection.activation_days)
    marks = [Mark("", since)]
    return _remind(records, life, "activate_due", marks, since - _HINTED_FOR, now, most)


def _expire(records: Records, life: Lifecycle, today: date, now: datetime, most: int) -> int:
    """By the day on which it was switched on; of one that has expired it is too late to say so."""
    rules = life.city.collection
    months = 12 * rules.card_years
    marks = [Mark(f"{n}m", months_before(today, months - n)) for n in rules.expiry_months]
    return _remind(records, life, "expiry_due", marks, months_before(today, months), now, most)


def _remind(
    records: Records,
    life: Lifecycle,
    name: str,
    marks: Sequence[Mark],
    over: date,
    now: datetime,
    most: int,
) -> int:
    """Each card by the latest mark that it has passed; none that has been there since `over`."""
    told, passed, reminder = 0, over, REMINDERS[name]
    for mark in sorted(marks, key=lambda mark: mark.since):
        waiting = _between(life, passed, mark.since)
        done = was_reminded(records, name, now, [mark.name])

        def one(card: Application, mark: str = mark.name) -> None:
            remind(records, life, name, card, mark, now, by=_BY)

        room = has_room(records, life.city, name, now)
        found = _some(records, reminder.of, waiting, ~done, room, most=most - told)
        fitting = with_room(records, life.city, name, now, found)
        told += each_by_itself(records, _BY, fitting, one)
        passed = mark.since
    return told


# --- putting away ------------------------------------------------------------------------------


def _seal(records: Records, life: Lifecycle, today: date, now: datetime, most: int) -> int:
    """A card on its way to another branch is not put away: it cannot be collected meanwhile."""
    over = months_before(today, life.city.collection.seal_months)

    def put_away(card: Application) -> None:
        end_passes(records, card.id, "expired", now)
        life.advance(records, card, State.SEALED, Actor.TIMER, now, by=_BY, reason="uncollected")

    ready = Application.state == State.READY_FOR_PICKUP
    found = _some(records, ready, _since(life, over), ~_UNDER_WAY, most=most)
    return each_by_itself(records, _BY, found, put_away)


# --- small parts -------------------------------------------------------------------------------


def _since(life: Lifecycle, day: date) -> ColumnElement[bool]:
    """In its state since this day of the city's calendar, or an earlier one."""
    return Application.state_since < _end_of(life, day)


def _between(life: Lifecycle, after: date, until: date) -> ColumnElement[bool]:
    """In its state since a day later than `after`, `until` at the latest."""
    return _since(life, until) & (Application.state_since >= _end_of(life, after))


def _end_of(life: Lifecycle, day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), life.city.tz)


def _some(records: Records, *where: ColumnElement[bool], most: int) -> Iterator[Application]:
    found = select(Application).where(*where).order_by(Application.state_since, Application.id)
    yield from records.scalars(found.limit(most)).all()
