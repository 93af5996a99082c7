"""Promises: the days that a resident was told. Who misses one says so first, with a new day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Literal

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session as Records

from models.application_states import Actor, State, resident_word
from models.applications import Application, note
from models.lifecycle import Lifecycle
from models.one_by_one import each_by_itself

Promise = Literal["review", "card"]

_OURS = [s for s in State if s not in (State.DRAFT, State.RETURNED)]  # a correction is theirs
REVIEWED = tuple(s.value for s in _OURS if resident_word(s) in (1, 2))
MADE = tuple(s.value for s in _OURS if resident_word(s) in (3, 4))


def open_promise(application: Application) -> Promise | None:
    """Which promise holds where the application stands; None where nothing is promised by us."""
    if application.state in REVIEWED:
        return "review"
    return "card" if application.state in MADE else None


def is_missed(today: date) -> ColumnElement[bool]:
    """Of an application: the day that was promised is over."""
    return or_(
        and_(Application.state.in_(REVIEWED), Application.promise_review_by < today),
        and_(Application.state.in_(MADE), Application.promise_card_by < today),
    )


def own_up(records: Records, life: Lifecycle, now: datetime, limit: int = 100) -> int:
    """Tell up to `limit` people whose promised day is over, each with a new day. Returns how many.

    Several workers at once take others; nobody is told twice of one promise, for the new day
    takes the place of the missed one in the same transaction. Who cannot be told is logged, and
    costs nobody else their word.
    """
    today = now.astimezone(life.city.tz).date()
    missed = (
        select(Application)
        .where(is_missed(today))
        .order_by(Application.promise_review_by)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return each_by_itself(
        records,
        "promise",
        records.scalars(missed).all(),
        lambda application: _promise_anew(records, life, application, today, now),
    )


def late(
    records: Records,
    limit: int = 100,
    *,
    districts: Collection[str] = (),
    after: Application | None = None,
) -> list[Application]:
    """Applications of which a promise was missed and is still not kept, the longest first; of these
    districts (none: of all). Who is listed has been told."""
    order = (Application.late_since, Application.id)
    mine = select(Application).where(Application.late_since.is_not(None))
    if districts:
        mine = mine.where(Application.district.in_(districts))
    if after is not None and after.late_since is not None:
        same_day = and_(Application.late_since == after.late_since, Application.id > after.id)
        mine = mine.where(or_(Application.late_since > after.late_since, same_day))
    return list(records.scalars(mine.order_by(*order).limit(limit)).all())


def _promise_anew(
    records: Records, life: Lifecycle, application: Application, today: date, now: datetime
) -> None:
    days, promise = life.city.days, open_promise(application)
    new_day = life.city.promise(today, days.late)
    if promise == "review":
        missed, application.promise_review_by = application.promise_review_by, new_day
        made_by = life.city.promise(new_day, days.making)
        application.promise_card_by = max(application.promise_card_by, made_by)
    else:
        missed, application.promise_card_by = application.promise_card_by, new_day
    application.late_since = application.late_since or missed
    note(
        records, application, "promise_missed", Actor.TIMER, now,
        by="timer:promises", promise=promise, missed=missed.isoformat(), until=new_day.isoformat(),
    )  # fmt: skip
    life.tell(records, application, "late", now)
