"""Acceptance numbers: the city's form, unique, longer when a day is full."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from itertools import cycle

import pytest

from models.acceptance_numbers import draw_number
from models.database import Database
from tests.models.making import make_application, make_person

DAY = date(2026, 11, 23)


def _giving(*serials: str) -> Callable[[], str]:
    endless: Iterator[str] = cycle(serials)
    return lambda: next(endless)


def test_a_number_is_prefix_date_and_the_serial(database: Database) -> None:
    with database.reading() as records:
        assert draw_number(records, "YZ", DAY, _giving("0731")) == "YZ2611230731"


def test_a_number_that_is_taken_is_drawn_again(database: Database) -> None:
    with database.writing() as records:
        make_application(records, make_person(records), number="YZ2611230731")
        assert draw_number(records, "YZ", DAY, _giving("0731", "5512")) == "YZ2611235512"


def test_on_a_full_day_numbers_grow(database: Database) -> None:
    with database.writing() as records:
        person = make_person(records)
        for number in ("YZ2611230731", "YZ26112307310"):
            make_application(records, person, number=number, holder_proven=False)
        assert draw_number(records, "YZ", DAY, _giving("0731")) == "YZ261123073107"


def test_a_day_without_any_number_left_is_an_error(sqlite_database: Database) -> None:
    with sqlite_database.writing() as records:
        person = make_person(records)
        for length in range(4, 13):
            number = "YZ261123" + "0" * length
            make_application(records, person, number=number, holder_proven=False)
        with pytest.raises(LookupError):
            draw_number(records, "YZ", DAY, _giving("0000"))


@pytest.mark.parametrize("serial", ["", "123", "12a4"])
def test_a_serial_too_short_or_no_number_is_an_error(
    sqlite_database: Database, serial: str
) -> None:
    with sqlite_database.reading() as records, pytest.raises(ValueError):
        draw_number(records, "YZ", DAY, _giving(serial))
