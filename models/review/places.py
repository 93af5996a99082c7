"""An honest place in the queue: how many of the district are before one, and the day on which one
is likely looked at, at the speed of the last days. Counted every few minutes, not at each question.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import JSON, String, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from config.city import City
from models.records import Record
from models.review.decisions import Decision
from models.review.items import Lane, ReviewItem, Status, Task, find_item, is_

STALE = timedelta(hours=1)  # after which a count is no ground for a promise
LEAST = 20  # decisions of a district, below which its speed is a guess
_OF_ONE_DAY = 5_000  # that are counted exactly


@dataclass(frozen=True, slots=True)
class Place:
    """About how many of the district are looked at before, to two digits, and the likely day."""

    ahead: int
    likely_day: date


class QueueSize(Record):
    """What waits in a district, by the promised day, and how many are decided in a working day."""

    __tablename__ = "queue_sizes"

    district: Mapped[str] = mapped_column(String(32), primary_key=True)
    waiting: Mapped[dict[str, Any]] = mapped_column(JSON)
    per_day: Mapped[int]  # 0: unknown
    counted_at: Mapped[datetime]


def place_in_queue(
    records: Records, city: City, application_id: str, now: datetime
) -> Place | None:
    """The place of what waits for everybody; None where it would be a guess: it is being looked at,
    waits for one person, comes from the province or the bank, nobody has counted for an hour, or
    too little was decided lately to know the speed."""
    item = find_item(records, application_id)
    if item is None or item.status != Status.WAITING or item.task != Task.REVIEW:
        return None
    size = records.get(QueueSize, item.district)
    if size is None or not size.per_day or now - size.counted_at > STALE:
        return None
    earlier = sum(n for day, n in size.waiting.items() if day < item.promised.isoformat())
    ahead = earlier + _before_on_its_day(records, item)
    days = 1 + ahead // size.per_day
    return Place(roughly(ahead), city.promise(now.astimezone(city.tz).date(), days))


def count_queues(records: Records, city: City, now: datetime) -> int:
    """Count what waits and how fast it goes, district by district. Returns how many districts."""
    waiting: dict[str, dict[str, int]] = {
        district: {} for district in records.scalars(select(QueueSize.district))
    }
    by_day = select(ReviewItem.district, ReviewItem.promised, func.count())
    of_each = by_day.where(is_(Status.WAITING)).group_by(ReviewItem.district, ReviewItem.promised)
    for district, day, count in records.execute(of_each):
        waiting.setdefault(district, {})[day.isoformat()] = count
    paces = _paces(records, city, now)
    for district, days in waiting.items():
        size = QueueSize(
            district=district, waiting=days, per_day=paces.get(district, 0), counted_at=now
        )
        _keep(records, size)
    return len(waiting)


def roughly(count: int) -> int:
    """To two digits: 1237 are about 1200."""
    step: int = 10 ** max(0, len(str(count)) - 2)
    return round(count / step) * step


def _before_on_its_day(records: Records, item: ReviewItem) -> int:
    """Exactly, in the order of the queue: at most one day's worth of rows of an index."""
    earlier = select(ReviewItem.application_id).where(
        is_(Status.WAITING),
        ReviewItem.district == item.district,
        ReviewItem.lane.in_([lane.value for lane in Lane]),
        ReviewItem.promised == item.promised,
        ReviewItem.arrived_at < item.arrived_at,
    )
    bounded = earlier.limit(_OF_ONE_DAY).subquery()
    counted: int | None = records.scalar(select(func.count()).select_from(bounded))
    return counted or 0


def _paces(records: Records, city: City, now: datetime) -> dict[str, int]:
    """Decisions of a working day, by district, over the last days; too few are no measure."""
    today = now.astimezone(city.tz).date()
    first = _working_days_back(city, today, city.review.pace_days)
    since = datetime.combine(first, time(), city.tz)
    counted = (
        select(Decision.district, func.count(), func.min(Decision.applied_at))
        .where(Decision.applied_at >= since, Decision.task == Task.REVIEW.value)
        .group_by(Decision.district)
    )
    return {
        district: max(1, count // _working_days(city, earliest.astimezone(city.tz).date(), today))
        for district, count, earliest in records.execute(counted)
        if earliest and count >= LEAST
    }


def _working_days_back(city: City, day: date, count: int) -> date:
    while count > 1 or not city.calendar.is_working_day(day):
        count -= city.calendar.is_working_day(day)
        day -= timedelta(days=1)
    return day


def _working_days(city: City, first: date, last: date) -> int:
    days: Iterable[int] = range((last - first).days + 1)
    return max(1, sum(city.calendar.is_working_day(first + timedelta(days=n)) for n in days))


def _keep(records: Records, size: QueueSize) -> None:
    try:
        with records.begin_nested():
            records.merge(size)
    except IntegrityError:  # another worker counted at the same moment
        pass
