"""The supervisors' list: any page of it in the time of the first, and counts that end somewhere.

Pages follow each other by key: the last row of one is where the next begins, so that nothing is
skipped or shown twice while the queue moves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.orm import Session as Records

from models.applications import Application
from models.review.items import ORDER, Lane, ReviewItem, Status, Task, is_, is_aside, is_open, sees
from models.staff import Staff

PAGE = 50
COUNTED = 1_000  # more is told as "1000+": an exact number would be read row by row


@dataclass(frozen=True, slots=True)
class Filters:
    """What a supervisor wants to see; everything that is open where nothing is said.

    `holder`: the id of who has it; `overdue_on`: promised before this day; `since`: arrived at this
    moment or later.
    """

    district: str = ""
    lane: Lane | None = None
    task: Task | None = None
    status: Status | None = None
    holder: str = ""
    overdue_on: date | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class After:
    """The last row of a page."""

    promised: date
    arrived_at: datetime
    application_id: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the list. `number` is the acceptance number, `state` the application's."""

    item: ReviewItem
    number: str
    state: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines, and where the next page begins; None after the last."""

    lines: Sequence[Line]
    after: After | None


@dataclass(frozen=True, slots=True)
class Count:
    """How many, up to a bound; `more` beyond it."""

    number: int
    more: bool


def page_of(
    records: Records,
    staff: Staff,
    filters: Filters,
    after: After | None = None,
    limit: int = PAGE,
) -> Page:
    """A page of what this person may see, the oldest promise first."""
    found = [
        item
        for district in _districts(staff, filters)
        for item in records.scalars(_stretch(filters, district, after).limit(limit + 1))
    ]
    found.sort(key=lambda item: (item.promised, item.arrived_at, item.application_id))
    shown = found[:limit]
    return Page(_lines(records, shown), _after(shown[-1]) if len(found) > limit else None)


def count_of(records: Records, staff: Staff, filters: Filters, bound: int = COUNTED) -> Count:
    """How many lines the list has, up to a bound."""
    counted = 0
    for district in _districts(staff, filters):
        where = _where(filters, district)
        some = select(ReviewItem.application_id).where(*where).limit(bound + 1 - counted)
        counted += records.scalar(select(func.count()).select_from(some.subquery())) or 0
    return Count(min(counted, bound), counted > bound)


_TYPES = [column.type for column in ORDER]


def _districts(staff: Staff, filters: Filters) -> list[str]:
    """One's own districts, whatever is asked for, one by one: each is a stretch of an index in the
    list's order, which several together are not. "": all there are."""
    if filters.district:
        return [filters.district] if sees(staff, filters.district) else []
    return list(staff.districts) or [""]


def _stretch(filters: Filters, district: str, after: After | None) -> Select[ReviewItem]:
    wanted = select(ReviewItem).where(*_where(filters, district))
    if after is not None:
        key = tuple_(after.promised, after.arrived_at, after.application_id, types=_TYPES)
        wanted = wanted.where(tuple_(*ORDER) > key)
    return wanted.order_by(*ORDER)


def _where(filters: Filters, district: str) -> Iterator[ColumnElement[bool]]:
    yield is_open()
    if district:
        yield ReviewItem.district == district
    if filters.status is not None:
        yield is_(filters.status)
    if filters.holder:
        yield ReviewItem.holder == filters.holder
        yield is_aside()
    if filters.lane is not None:
        yield ReviewItem.lane == filters.lane.value
    if filters.task is not None:
        yield ReviewItem.task == filters.task.value
    if filters.overdue_on is not None:
        yield ReviewItem.promised < filters.overdue_on
    if filters.since is not None:
        yield ReviewItem.arrived_at >= filters.since


def _lines(records: Records, items: Sequence[ReviewItem]) -> list[Line]:
    of_these = Application.id.in_([item.application_id for item in items])
    named = select(Application.id, Application.number, Application.state).where(of_these)
    known = {row.id: row for row in records.execute(named)}
    return [
        Line(item, known[item.application_id].number, known[item.application_id].state)
        for item in items
    ]


def _after(item: ReviewItem) -> After:
    return After(item.promised, item.arrived_at, item.application_id)
