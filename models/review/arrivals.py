"""How applications come before the officers and leave them again: in the transaction of the move.

`models.lifecycle` calls `follow` after each move; `hand_in` is called where one is submitted.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as Records

from config.city import City
from models.application_states import State
from models.applications import Application, open_answers
from models.database import Database
from models.one_by_one import passing_over
from models.review.items import ReviewItem, Status, Task, find_item, sees
from models.review.lanes import lane_of
from models.review.rounds import keep_answers
from models.sealing import Keyring
from models.staff import Role, Staff

TASKS: Mapping[State, Task] = {
    State.SUBMITTED: Task.REVIEW,
    State.RESUBMITTED: Task.REVIEW,
    State.ON_HOLD: Task.PRODUCTION,
    State.PROVINCE_RETURNED: Task.PROVINCE,
    State.BANK_FAILED: Task.BANK,
    State.CANCEL_REQUESTED: Task.CANCEL,
}
"""What an application is before the officers for, by the state it comes in."""
BEFORE_OFFICERS = frozenset({*TASKS, State.UNDER_REVIEW})
_BATCH = 200


def follow(
    records: Records,
    keys: Keyring,
    city: City,
    application: Application,
    start: State,
    now: datetime,
    by: str,
) -> None:
    """Bring the row of the review after a move from `start`."""
    to = State(application.state)
    if to is State.RETURNED:
        keep_answers(records, keys, application, now)
    if to not in BEFORE_OFFICERS:
        if start in BEFORE_OFFICERS:
            _leave(records, application)
    elif to is State.UNDER_REVIEW and start is State.APPROVED:
        arrive(records, keys, city, application, now, Task.HANDOVER)
    elif to is State.UNDER_REVIEW:
        _is_claimed(records, keys, city, application, now, by)
    elif start is not State.UNDER_REVIEW:
        arrive(records, keys, city, application, now)
    else:
        _is_put_back(records, city, application, to, now)


def arrive(
    records: Records,
    keys: Keyring,
    city: City,
    application: Application,
    now: datetime,
    task: Task | None = None,
) -> ReviewItem:
    """Put an application before the officers, in its lane, for a `task` or what its state says. A
    second round waits for who sent it back, as long as they may still see it."""
    item = find_item(records, application.id)
    if item is None:
        item = ReviewItem(application_id=application.id, stay=1, holder=None, until=None)
        records.add(item)
    else:
        item.stay += 1
    item.task = (task or TASKS.get(State(application.state), Task.REVIEW)).value
    item.round, item.district = application.round, application.district
    item.arrived_at, item.promised = now, _promised(city, application, Task(item.task), now)
    _set_lane(keys, city, application, item)
    if item.task == Task.REVIEW and item.holder and may_take(records, item.holder, item.district):
        item.status, item.until = Status.RESERVED.value, reserved_until(city, now)
    else:
        item.status, item.holder, item.until = Status.WAITING.value, None, None
    records.flush()
    return item


def hand_in(
    records: Records, keys: Keyring, city: City, application: Application, now: datetime
) -> None:
    """Put what was just submitted before the officers; handed in twice, it is there already."""
    if find_item(records, application.id) is None:
        arrive(records, keys, city, application, now)


def set_lane_again(records: Records, keys: Keyring, city: City, application: Application) -> None:
    """What the lane hangs on has changed after the arrival: another application, perhaps."""
    item = find_item(records, application.id)
    if item is not None and item.status != Status.GONE:
        _set_lane(keys, city, application, item)
        records.flush()


def reserved_until(city: City, now: datetime) -> datetime:
    """Until when something is kept for one person: the end of the last of so many working days."""
    last = city.promise(now.astimezone(city.tz).date(), city.review.reserved_days)
    return datetime.combine(last + timedelta(days=1), time(), city.tz)


def lease_end(city: City, now: datetime) -> datetime:
    """Until when a claim holds: the end of the shift, or a little longer for who works late."""
    shift = datetime.combine(now.astimezone(city.tz).date(), city.review.shift_ends, city.tz)
    return max(shift, now + timedelta(minutes=city.review.lease_minutes))


def may_take(records: Records, staff_id: str, district: str) -> bool:
    """Whether something of this district may wait for this person."""
    staff = records.get(Staff, staff_id)
    return bool(staff and staff.active and staff.has(Role.REVIEWER) and sees(staff, district))


def place_missing(database: Database, keys: Keyring, city: City, now: datetime) -> int:
    """Put before the officers what stands in one of their states without a row: what was handed in
    before there were any. What cannot be placed is logged. Returns how many."""
    placed = 0
    while found := _without_row(database):
        before = placed
        for application_id in found:
            with passing_over("placing", application_id):
                placed += _place(database, keys, city, application_id, now)
        if placed == before:  # others were quicker, or these cannot be
            break
    return placed


# --- small parts --------------------------------------------------------------------------------


def _set_lane(keys: Keyring, city: City, application: Application, item: ReviewItem) -> None:
    answers = open_answers(application, keys)
    lane, item.reasons = lane_of(application, answers, Task(item.task), city)
    item.lane = lane.value


def _leave(records: Records, application: Application) -> None:
    if (item := find_item(records, application.id)) is not None:
        item.status, item.until = Status.GONE.value, None
        records.flush()


def _is_claimed(
    records: Records, keys: Keyring, city: City, application: Application, now: datetime, by: str
) -> None:
    item = find_item(records, application.id) or arrive(records, keys, city, application, now)
    item.status, item.holder = Status.CLAIMED.value, by.removeprefix("staff:")[:32]
    item.until = lease_end(city, now)
    records.flush()


def _is_put_back(
    records: Records, city: City, application: Application, to: State, now: datetime
) -> None:
    item = find_item(records, application.id)
    if item is None:
        return
    if to is State.ON_HOLD:  # for a day; the decision says for how long
        item.status, item.until = Status.HELD.value, reserved_until(city, now)
    else:
        item.status, item.holder, item.until = Status.WAITING.value, None, None
    records.flush()


def _promised(city: City, application: Application, task: Task, now: datetime) -> date:
    """What is promised to the person; for the other tasks, a few working days."""
    if task is Task.REVIEW:
        return application.promise_review_by
    return city.promise(now.astimezone(city.tz).date(), city.review.task_days)


def _without_row(database: Database) -> list[str]:
    has_row = exists().where(ReviewItem.application_id == Application.id)
    missing = select(Application.id).where(Application.state.in_(BEFORE_OFFICERS), ~has_row)
    with database.reading() as records:
        return list(records.scalars(missing.limit(_BATCH)))


def _place(
    database: Database, keys: Keyring, city: City, application_id: str, now: datetime
) -> int:
    try:
        with database.writing() as records:
            application = records.get_one(Application, application_id)
            if application.state not in BEFORE_OFFICERS or find_item(records, application_id):
                return 0
            arrive(records, keys, city, application, now)
    except IntegrityError:  # another worker placed it at the same moment
        return 0
    return 1
