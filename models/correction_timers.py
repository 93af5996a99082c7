"""What happens to a returned application by the clock: reminders, the end of its days, and the end
of the photos of whatever has ended.

A reminder is a row of the log, so that a restart repeats none, and a delivery of today's campaign
(`models.push.reminders`); of several that are due at once (the worker stood still) only the latest
is told. Workers go one after another.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session as Records

from models.application_states import CLOSED, Actor, State
from models.applications import Application
from models.database import one_worker_at_a_time
from models.documents import Document
from models.lifecycle import Lifecycle
from models.one_by_one import each_by_itself
from models.push.reminders import has_room, remind, was_reminded, with_room

BATCH = 50  # in one transaction, for which their campaign is held
_PHOTOS = 200
BY = "timer:corrections"
_DUE = "correction_due"


def do_due(records: Records, life: Lifecycle, now: datetime, most: int = BATCH) -> int:
    """End, or remind of, up to `most`, in the hours in which people are written to. Returns how
    many; 0 when nothing is due."""
    rules, local = life.city.collection, now.astimezone(life.city.tz)
    if not rules.from_hour <= local.hour < rules.until_hour:
        return 0
    one_worker_at_a_time(records, BY)
    today = local.date()
    return _end(records, life, today, now, most) or _remind(records, life, today, now, most)


def expire_photos(records: Records, life: Lifecycle, now: datetime, most: int = _PHOTOS) -> int:
    """Let the photos of applications that have ended expire after the city's days.
    Returns how many."""
    before = now - timedelta(days=life.city.days.photos)
    ended = select(Application.id).where(
        Application.state.in_([state.value for state in CLOSED]),
        Application.state_since <= before,
    )
    theirs = (
        select(Document.id)
        .where(Document.application_id.in_(ended), Document.expires_at.is_(None))
        .limit(most)
    )
    over = update(Document).where(Document.id.in_(theirs)).values(expires_at=now)
    return len(records.scalars(over.returning(Document.id)).all())


# --- small parts ---------------------------------------------------------------------------------


def _end(records: Records, life: Lifecycle, today: date, now: datetime, most: int) -> int:
    """The last day is the person's to its end."""

    def expire(application: Application) -> None:
        life.advance(
            records, application, State.EXPIRED, Actor.TIMER, now, by=BY, reason="not_corrected"
        )

    over = _some(records, Application.correct_by < today, most=most)
    return each_by_itself(records, BY, over, expire)


def _remind(records: Records, life: Lifecycle, today: date, now: datetime, most: int) -> int:
    """The mark that is reached counts, and those behind it are not made up for."""
    told, passed = 0, []
    for days in sorted(life.city.days.correction_reminders):
        passed.append(str(days))
        near = Application.correct_by.between(today, today + timedelta(days=days))

        def one(application: Application, mark: str = str(days)) -> None:
            remind(records, life, _DUE, application, mark, now, by=BY)

        room = has_room(records, life.city, _DUE, now)
        done = was_reminded(records, _DUE, now, passed)
        found = _some(records, near, ~done, room, most=most - told)
        fitting = with_room(records, life.city, _DUE, now, found)
        told += each_by_itself(records, BY, fitting, one)
    return told


def _some(records: Records, *where: ColumnElement[bool], most: int) -> Iterator[Application]:
    waiting = select(Application).where(Application.state == State.RETURNED, *where)
    yield from records.scalars(waiting.order_by(Application.correct_by).limit(most)).all()
