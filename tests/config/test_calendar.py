"""Promised dates: counted in the city's working days, from the day after the event."""

from __future__ import annotations

from datetime import date

import pytest

from config.calendar import Calendar, Holiday
from config.city import City, load_city


@pytest.fixture(scope="module")
def city() -> City:
    return load_city()


@pytest.mark.parametrize(
    ("event", "days", "promised"),
    [
        (date(2026, 11, 23), 5, date(2026, 11, 30)),
        (date(2026, 11, 30), 15, date(2026, 12, 21)),
        (date(2026, 12, 18), 5, date(2026, 12, 25)),
        (date(2026, 12, 25), 15, date(2027, 1, 18)),  # over New Year
        (date(2026, 2, 13), 1, date(2026, 2, 14)),  # a Saturday that is worked
        (date(2026, 2, 14), 1, date(2026, 2, 24)),  # over the Spring Festival
        (date(2026, 9, 30), 3, date(2026, 10, 10)),  # ends on a worked Saturday
    ],
)
def test_a_promise_counts_working_days_after_the_event(
    city: City, event: date, days: int, promised: date
) -> None:
    assert city.promise(event, days) == promised


def test_a_promise_made_on_a_sunday_counts_from_monday(city: City) -> None:
    assert city.promise(date(2026, 11, 22), 1) == date(2026, 11, 23)


def test_nothing_is_promised_for_the_same_day(city: City) -> None:
    with pytest.raises(ValueError, match="at least one"):
        city.promise(date(2026, 11, 23), 0)


def test_a_weekend_day_is_no_working_day_unless_it_is_listed(city: City) -> None:
    assert not city.calendar.is_working_day(date(2026, 11, 21))
    assert city.calendar.is_working_day(date(2026, 10, 10))


def test_the_days_of_next_year_are_known_to_be_provisional(city: City) -> None:
    assert city.calendar.announced_until < date(2027, 1, 1)
    assert not city.calendar.is_working_day(date(2027, 1, 1))


def test_every_contradiction_of_a_calendar_is_told() -> None:
    calendar = Calendar(
        announced_until=date(2026, 12, 31),
        holidays=(Holiday("倒", date(2026, 1, 3), date(2026, 1, 1)), _one_day(date(2026, 1, 10))),
        workdays=frozenset({date(2026, 1, 10), date(2026, 1, 12)}),
    )
    assert calendar.faults() == [
        "calendar: 倒 ends before it begins",
        "calendar: 2026-01-10 is both worked and a holiday",
        "calendar: 2026-01-12 is no weekend day and need not be listed as worked",
    ]


def _one_day(day: date) -> Holiday:
    return Holiday("日", day, day)
