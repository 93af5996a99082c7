"""Who looks at what: *Next*, a claim by name, giving back, taking away, handing over.

A claim ends with the shift. What waits is taken by `FOR UPDATE SKIP LOCKED`: any number of people
press *Next* at once, nobody waits for another, and nobody gets what another got.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, Integer, Select, literal_column, select, union_all
from sqlalchemy.orm import Session as Records

from models.application_states import Actor, State, may_move
from models.applications import Application, note
from models.database import Database
from models.lifecycle import Lifecycle
from models.one_by_one import passing_over
from models.review.arrivals import BEFORE_OFFICERS, lease_end, may_take, reserved_until
from models.review.items import (
    ORDER,
    Lane,
    ReviewItem,
    Status,
    Task,
    is_,
    is_timed,
    lock,
    lock_if_free,
    sees,
)
from models.staff import Staff

_BATCH = 200


class Held(Exception):
    """Somebody else has it: `by` is their id, `status` in which way, `until` for how long."""

    def __init__(self, item: ReviewItem) -> None:
        super().__init__(item.application_id)
        self.by, self.status, self.until = item.holder or "", Status(item.status), item.until


class NotQueued(Exception):
    """It is not before the officers, or not in this person's districts: to them it is not there."""


class NotHeld(Exception):
    """Who wants to decide or give back has not claimed it, or has lost it meanwhile."""


def next_for(
    records: Records,
    life: Lifecycle,
    staff: Staff,
    now: datetime,
    *,
    lane: Lane | None = None,
    until: datetime | None = None,
) -> ReviewItem | None:
    """Claim what is to be looked at next, until the end of the shift (or `until`); None when
    nothing waits.

    First what is kept for this person (their second rounds: they know the case, and it is nobody
    else's today), then the oldest promise of their districts in whatever lane (or in `lane` alone):
    the day was promised to all alike, and the difficult ones would be late if easy ones went first.
    """
    for where in (_mine(staff, lane), *_heads(records, staff, lane)):
        if (found := _take(records, life, staff, now, where, until)) is not None:
            return found
    return None


def claim(
    records: Records,
    life: Lifecycle,
    staff: Staff,
    application_id: str,
    now: datetime,
    *,
    until: datetime | None = None,
) -> ReviewItem:
    """Claim one by name: what waits, what is kept for this person or what they have put aside; what
    they have already is theirs for the longer. Raises Held with who has it, NotQueued."""
    application, item = open_item(records, staff, application_id)
    status = Status(item.status)
    if status is not Status.WAITING and (item.holder != staff.id or status is Status.DECIDED):
        raise Held(item)
    _start(records, life, application, item, staff, now, until)
    return item


def claims_of(records: Records, staff: Staff) -> list[ReviewItem]:
    """What this person has claimed and not decided, the oldest promise first. What is in a district
    that is not theirs any more waits for the timer, or a supervisor."""
    mine = (ReviewItem.holder == staff.id, is_(Status.CLAIMED), *_of_districts(staff))
    return list(records.scalars(select(ReviewItem).where(*mine).order_by(*ORDER)))


def peek(records: Records, staff: Staff, lane: Lane | None = None) -> str | None:
    """The id of what *Next* would give now, for loading its pictures ahead: nothing is claimed."""
    for where in (_mine(staff, lane), *_heads(records, staff, lane)):
        first = select(ReviewItem.application_id).where(*where).order_by(*ORDER).limit(1)
        found: str | None = records.scalar(first)
        if found is not None:
            return found
    return None


def first_free(records: Records, staff: Staff) -> ReviewItem | None:
    """What *Next* would give now, its row locked. What somebody else reaches for at this moment is
    passed over: who has claimed something already must not wait for them."""
    for where in (_mine(staff, None), *_heads(records, staff, None)):
        if (item := _first_free(records, where)) is not None:
            return item
    return None


def release(
    records: Records, life: Lifecycle, staff: Staff, application_id: str, now: datetime
) -> None:
    """Give back what one has claimed. Raises NotHeld."""
    application, item = held_by(records, staff, application_id)
    put_back(records, life, application, item, Actor.OFFICER, now, by=staff.by)


def take_away(
    records: Records, life: Lifecycle, supervisor: Staff, application_id: str, now: datetime
) -> None:
    """A supervisor ends another's claim, reservation or hold: it is everybody's again.
    Raises NotQueued; Held where it is decided already."""
    hand_over(records, life, supervisor, application_id, None, now)


def hand_over(
    records: Records,
    life: Lifecycle,
    supervisor: Staff,
    application_id: str,
    to: Staff | None,
    now: datetime,
) -> None:
    """A supervisor gives it to somebody, who finds it at their *Next*; to nobody: to everybody.
    Raises NotQueued (for `to`'s districts too); Held where it is decided already."""
    application, item = open_item(records, supervisor, application_id)
    if item.status == Status.DECIDED:
        raise Held(item)
    if to is not None and not sees(to, item.district):
        raise NotQueued(application_id)
    put_back(records, life, application, item, Actor.OFFICER, now, by=supervisor.by)
    if to is not None:
        keep_for(item, to.id, reserved_until(life.city, now))
    given = {"to": to.by} if to else {}
    note(records, application, "handed_over", Actor.OFFICER, now, by=supervisor.by, **given)


def end_claims(database: Database, life: Lifecycle, now: datetime) -> int:
    """What time has run out: claims go back, what was kept is everybody's, what was put aside is
    kept for who did so. Returns how many. Safe in several workers at once."""
    over = select(ReviewItem.application_id).where(is_timed(), ReviewItem.until <= now)
    with database.reading() as records:
        ids = list(records.scalars(over.limit(_BATCH)))
    ended = 0
    for application_id in ids:
        with passing_over("claim", application_id):
            ended += _end(database, life, application_id, now)
    return ended


# --- for the decisions --------------------------------------------------------------------------


def open_item(
    records: Records, staff: Staff, application_id: str
) -> tuple[Application, ReviewItem]:
    """The application and its row, locked, where it is before this person. Raises NotQueued."""
    found = lock(records, application_id)
    if found is None or found[1].status == Status.GONE or not sees(staff, found[1].district):
        raise NotQueued(application_id)
    return found


def held_by(records: Records, staff: Staff, application_id: str) -> tuple[Application, ReviewItem]:
    """The same, where this person has claimed it and still sees it. Raises NotHeld."""
    found = lock(records, application_id)
    if found is None or found[1].status != Status.CLAIMED or found[1].holder != staff.id:
        raise NotHeld(application_id)
    if not sees(staff, found[1].district):  # their districts were changed meanwhile
        raise NotHeld(application_id)
    return found


def put_back(
    records: Records,
    life: Lifecycle,
    application: Application,
    item: ReviewItem,
    actor: Actor,
    now: datetime,
    *,
    by: str,
) -> None:
    """It waits again, in the state its round says; what came back from the province or the factory
    stays under review: "handed in" would let the person withdraw at once what others work on."""
    if application.state == State.UNDER_REVIEW and item.task == Task.REVIEW:
        to = State.SUBMITTED if application.round == 1 else State.RESUBMITTED
        life.advance(records, application, to, actor, now, by=by)
    item.status, item.holder, item.until = Status.WAITING.value, None, None
    records.flush()


def keep_for(item: ReviewItem, holder: str, until: datetime) -> None:
    """It waits for one person."""
    item.status, item.holder, item.until = Status.RESERVED.value, holder, until


def keep_again(
    records: Records, life: Lifecycle, item: ReviewItem, holder: str | None, now: datetime
) -> None:
    """It waits for who knows it, as long as they may still see it; else for everybody."""
    if holder is not None and may_take(records, holder, item.district):
        keep_for(item, holder, reserved_until(life.city, now))
    else:
        item.status, item.holder, item.until = Status.WAITING.value, None, None


# --- small parts --------------------------------------------------------------------------------

_Where = Sequence[ColumnElement[bool]]


def _mine(staff: Staff, lane: Lane | None) -> _Where:
    kept = (is_(Status.RESERVED), ReviewItem.holder == staff.id, *_of_districts(staff))
    return kept if lane is None else (*kept, ReviewItem.lane == lane.value)


def _of_districts(staff: Staff) -> _Where:
    return (ReviewItem.district.in_(staff.districts),) if staff.districts else ()


def _heads(records: Records, staff: Staff, lane: Lane | None) -> Iterator[_Where]:
    """Where to look, the oldest promise first: each lane of each district is a stretch of one
    index, of which only the first row is read."""
    lanes = [ReviewItem.lane == each.value for each in ([lane] if lane else Lane)]
    districts: list[_Where] = [(ReviewItem.district == code,) for code in staff.districts]
    stretches = [
        (is_(Status.WAITING), lane_, *district) for lane_ in lanes for district in districts or [()]
    ]
    firsts = [_first(where, number).subquery() for number, where in enumerate(stretches)]
    found = records.execute(union_all(*(select(*first.c) for first in firsts))).all()
    for *_, number in sorted(found, key=tuple):
        yield stretches[number]


def _first(where: _Where, number: int) -> Select[date, datetime, str, int]:
    """The place in the queue of the first row of a stretch, and the number of the stretch."""
    numbered = select(*ORDER, literal_column(str(number), Integer).label("stretch"))
    return numbered.where(*where).order_by(*ORDER).limit(1)


def _first_free(records: Records, where: _Where) -> ReviewItem | None:
    wanted = select(ReviewItem).where(*where).order_by(*ORDER).limit(1)
    wanted = wanted.with_for_update(skip_locked=True)
    return records.scalar(wanted.execution_options(populate_existing=True))


def _take(
    records: Records,
    life: Lifecycle,
    staff: Staff,
    now: datetime,
    where: _Where,
    until: datetime | None,
) -> ReviewItem | None:
    """The first that nobody else has at this moment, claimed."""
    while True:
        item = _first_free(records, where)
        if item is None:
            return None
        application = lock_if_free(records, item.application_id)
        if application is None:  # it is being moved, by the person perhaps
            where = (*where, ReviewItem.application_id != item.application_id)
        elif _start(records, life, application, item, staff, now, until):
            return item


def _start(
    records: Records,
    life: Lifecycle,
    application: Application,
    item: ReviewItem,
    staff: Staff,
    now: datetime,
    until: datetime | None,
) -> bool:
    """It is this person's. False for a row whose application is elsewhere: it leaves the queue."""
    comes = application.state in BEFORE_OFFICERS
    if comes and may_move(application.state, State.UNDER_REVIEW, Actor.OFFICER):
        life.advance(records, application, State.UNDER_REVIEW, Actor.OFFICER, now, by=staff.by)
    elif application.state not in _STAYS:
        item.status, item.until = Status.GONE.value, None
        records.flush()
        return False
    item.status, item.holder = Status.CLAIMED.value, staff.id
    item.until = until or lease_end(life.city, now)
    records.flush()
    return True


_STAYS = frozenset({State.UNDER_REVIEW, State.BANK_FAILED, State.CANCEL_REQUESTED})
"""States in which something is looked at without a move."""


def _end(database: Database, life: Lifecycle, application_id: str, now: datetime) -> bool:
    with database.writing() as records:
        application = lock_if_free(records, application_id)
        found = lock(records, application_id) if application else None
        if found is None or found[1].until is None or found[1].until > now:
            return False
        application, item = found
        match Status(item.status):
            case Status.HELD:
                keep_again(records, life, item, item.holder, now)
            case Status.RESERVED:
                item.status, item.holder, item.until = Status.WAITING.value, None, None
            case Status.CLAIMED:
                put_back(records, life, application, item, Actor.TIMER, now, by="timer:claims")
            case _:
                return False
    return True
