"""What happens to a card by the clock: reminders to collect it, putting it away, one hint that it
is not switched on.

A reminder is a row of the log, so that a restart repeats none; of several that are due at once (the
worker stood still) only the latest is told. Workers go one after another.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session as Records

from config.locales import SOURCE
from models.application_states import Actor, State
from models.applications import Application, ApplicationEvent, note
from models.card_moves import CardMove
from models.database import one_worker_at_a_time
from models.lifecycle import Lifecycle
from models.one_by_one import each_by_itself
from models.passes import end_passes
from models.people import find_account

REMINDED, HINTED = "collect_reminded", "activate_hinted"
BATCH = 200
_BY = "timer:collection"
_UNDER_WAY = exists().where(CardMove.application_id == Application.id, CardMove.ended_at.is_(None))
_HINTED_FOR = timedelta(days=60)  # longer than a worker stands still


class Mark(NamedTuple):
    """A reminder so long after the card was ready: `3m`, `15d`."""

    name: str
    ready_by: date  # cards that have been ready since this day or an earlier one are due


def do_due(records: Records, life: Lifecycle, now: datetime, most: int = BATCH) -> int:
    """Remind, put away and hint, up to `most` of each, in the hours in which people are written
    to. Returns how many."""
    rules, local = life.city.collection, now.astimezone(life.city.tz)
    if not rules.from_hour <= local.hour < rules.until_hour:
        return 0
    one_worker_at_a_time(records, _BY)
    today = local.date()
    return (
        _seal(records, life, today, now, most)
        + _remind(records, life, today, now, most)
        + _hint(records, life, today, now, most)
    )


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the month's last where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def months_before(day: date, months: int) -> date:
    """The latest day of which `months_after` is not later than `day`."""
    earlier = months_after(day, -months)
    is_last = day.day == calendar.monthrange(day.year, day.month)[1]
    last = calendar.monthrange(earlier.year, earlier.month)[1]
    return earlier.replace(day=last) if is_last else earlier


# --- reminding ---------------------------------------------------------------------------------


def _marks(life: Lifecycle, today: date) -> list[Mark]:
    """The latest mark first."""
    rules = life.city.collection
    found = [Mark(f"{n}d", today - timedelta(days=n)) for n in rules.remind_days]
    found += [Mark(f"{n}m", months_before(today, n)) for n in rules.remind_months]
    return sorted(found, key=lambda mark: mark.ready_by)


def _remind(records: Records, life: Lifecycle, today: date, now: datetime, most: int) -> int:
    """Each card by the latest mark that it has passed; not one that goes to another branch: where
    it was it cannot be collected."""
    told, passed = 0, months_before(today, life.city.collection.seal_months)
    for mark in _marks(life, today):
        waiting = _between(life, State.READY_FOR_PICKUP, passed, mark.ready_by)
        done = _noted(REMINDED, ApplicationEvent.reason == mark.name)

        def remind(card: Application, name: str = mark.name) -> None:
            note(records, card, REMINDED, Actor.TIMER, now, by=_BY, reason=name)
            _tell_due(records, life, card, today, now)

        found = _some(records, waiting, ~done, ~_UNDER_WAY, most=most)
        told += each_by_itself(records, _BY, found, remind)
        passed = mark.ready_by
    return told


def _tell_due(
    records: Records, life: Lifecycle, card: Application, today: date, now: datetime
) -> None:
    account = find_account(records, card.account_key)
    locale = account.locale if account else SOURCE
    ready = card.state_since.astimezone(life.city.tz).date()
    until = months_after(ready, life.city.collection.seal_months)
    life.tell(records, card, "collect_due", now, date=life.texts.day(locale, until, today))


# --- putting away ------------------------------------------------------------------------------


def _seal(records: Records, life: Lifecycle, today: date, now: datetime, most: int) -> int:
    """A card on its way to another branch is not put away: it cannot be collected meanwhile."""
    over = months_before(today, life.city.collection.seal_months)

    def put_away(card: Application) -> None:
        end_passes(records, card.id, "expired", now)
        life.advance(records, card, State.SEALED, Actor.TIMER, now, by=_BY, reason="uncollected")

    found = _some(records, _since(life, State.READY_FOR_PICKUP, over), ~_UNDER_WAY, most=most)
    return each_by_itself(records, _BY, found, put_away)


# --- switched on? ------------------------------------------------------------------------------


def _hint(records: Records, life: Lifecycle, today: date, now: datetime, most: int) -> int:
    """Who has had the card for long without it is not looked at for ever."""
    since = today - timedelta(days=life.city.collection.activation_days)
    waiting = _between(life, State.COLLECTED, since - _HINTED_FOR, since)

    def hint(card: Application) -> None:
        note(records, card, HINTED, Actor.TIMER, now, by=_BY)
        life.tell(records, card, "activate_due", now)

    found = _some(records, waiting, ~_noted(HINTED), most=most)
    return each_by_itself(records, _BY, found, hint)


# --- small parts -------------------------------------------------------------------------------


def _since(life: Lifecycle, state: State, day: date) -> ColumnElement[bool]:
    """In this state since this day of the city's calendar, or an earlier one."""
    return (Application.state == state) & (Application.state_since < _end_of(life, day))


def _between(life: Lifecycle, state: State, after: date, until: date) -> ColumnElement[bool]:
    """In this state since a day later than `after`, `until` at the latest."""
    return _since(life, state, until) & (Application.state_since >= _end_of(life, after))


def _end_of(life: Lifecycle, day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), life.city.tz)


def _noted(kind: str, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Noted since the card came into its state."""
    return exists().where(
        ApplicationEvent.application_id == Application.id,
        ApplicationEvent.kind == kind,
        ApplicationEvent.at >= Application.state_since,
        *more,
    )


def _some(records: Records, *where: ColumnElement[bool], most: int) -> Iterator[Application]:
    found = select(Application).where(*where).order_by(Application.state_since, Application.id)
    yield from records.scalars(found.limit(most)).all()
