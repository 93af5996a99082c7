"""Working days of the city: weekends, holidays, and weekend days worked instead (调休)."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

_STRICT = ConfigDict(extra="forbid")
_SATURDAY = 5


@dataclass(frozen=True, config=_STRICT)
class Holiday:
    """A run of days off, both ends included."""

    name: str
    first: date
    last: date


@dataclass(frozen=True, config=_STRICT)
class Calendar:
    """The days on which offices work.

    `workdays` are Saturdays and Sundays that are worked. Up to `announced_until` the days are
    those of the State Council's yearly notice; later ones are the law's days only.
    """

    announced_until: date
    holidays: tuple[Holiday, ...] = ()
    workdays: frozenset[date] = frozenset()

    def is_working_day(self, day: date) -> bool:
        """Whether offices are open on `day`."""
        if day in self.workdays:
            return True
        if any(holiday.first <= day <= holiday.last for holiday in self.holidays):
            return False
        return day.weekday() < _SATURDAY

    def add_working_days(self, day: date, count: int) -> date:
        """The last of `count` working days that begin on the day after `day`.

        Raises ValueError for a count below 1: a promise is never for the same day.
        """
        if count < 1:
            raise ValueError("a promise takes at least one working day")
        while count:
            day += timedelta(days=1)
            count -= self.is_working_day(day)
        return day

    def faults(self) -> list[str]:
        """What contradicts itself, in words; empty when nothing does."""
        found = [
            f"calendar: {holiday.name} ends before it begins"
            for holiday in self.holidays
            if holiday.last < holiday.first
        ]
        for day in sorted(self.workdays):
            if day.weekday() < _SATURDAY:
                found.append(f"calendar: {day} is no weekend day and need not be listed as worked")
            if any(holiday.first <= day <= holiday.last for holiday in self.holidays):
                found.append(f"calendar: {day} is both worked and a holiday")
        return found


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
