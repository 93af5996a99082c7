"""The supervisors' list, its pages and counts; one's place in the queue."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session as Records

from models.database import Database
from models.review.applying import apply_due
from models.review.claims import claim, next_for
from models.review.items import Lane, Status, Task
from models.review.listing import Count, Filters, count_of, page_of
from models.review.places import LEAST, STALE, QueueSize, count_queues, place_in_queue, roughly
from models.staff import Staff
from tests.models.making import NOW, SECOND
from tests.models.review.making import (
    CITY,
    EAST,
    LIFE,
    SOON,
    WEST,
    decided,
    handed_in,
    officer,
)

FIRST, LATER = date(2026, 11, 27), date(2026, 12, 1)


def shown(records: Records, staff: Staff, **filters: object) -> list[str]:
    lines = page_of(records, staff, Filters(**filters)).lines  # type: ignore[arg-type]
    return [line.item.application_id for line in lines]


def test_each_filter_shows_what_it_says(database: Database) -> None:
    with database.writing() as records:
        chief, east = officer(records), officer(records, EAST)
        plain = handed_in(records, promised=FIRST).id
        west = handed_in(records, promised=LATER, district=WEST).id
        hard = handed_in(records, promised=LATER, at=NOW + SECOND, answers={"name": "䶮"}).id
        claim(records, LIFE, east, hard, NOW)
        assert shown(records, chief) == [plain, west, hard]
        assert shown(records, east) == [plain, hard]
        assert shown(records, chief, district=WEST) == [west]
        assert shown(records, east, district=WEST) == []
        assert shown(records, chief, lane=Lane.DIFFICULT) == [hard]
        assert shown(records, chief, status=Status.CLAIMED) == [hard]
        assert shown(records, chief, status=Status.WAITING) == [plain, west]
        assert shown(records, chief, holder=east.id) == [hard]
        assert shown(records, chief, overdue_on=LATER) == [plain]
        assert shown(records, chief, since=NOW + SECOND) == [hard]
        assert shown(records, chief, task=Task.REVIEW) == [plain, west, hard]
        assert shown(records, chief, task=Task.BANK) == []


def test_pages_follow_each_other_while_the_queue_moves(database: Database) -> None:
    with database.writing() as records:
        ids = [handed_in(records, at=NOW + n * SECOND).id for n in range(7)]
        staff = officer(records, EAST, WEST)
        seen, after = [], None
        while True:
            page = page_of(records, staff, Filters(), after, limit=3)
            seen += [line.item.application_id for line in page.lines]
            if (after := page.after) is None:
                break
            handed_in(records, promised=FIRST)  # before what was shown: no row is shown twice
        assert seen == ids
        assert page.lines[-1].number and page.lines[-1].state == "SUBMITTED"


def test_counts_end_at_a_bound(database: Database) -> None:
    with database.writing() as records:
        for district in (EAST, EAST, WEST):
            handed_in(records, district=district)
        assert count_of(records, officer(records), Filters()) == Count(3, False)
        assert count_of(records, officer(records, EAST), Filters()) == Count(2, False)
        assert count_of(records, officer(records, EAST, WEST), Filters(), 2) == Count(2, True)


def test_ones_place_is_how_many_of_the_district_are_before_and_the_likely_day(
    database: Database,
) -> None:
    with database.writing() as records:
        staff = officer(records, EAST)
        for _ in range(LEAST):
            claim(records, LIFE, staff, (one := handed_in(records)).id, NOW)
            decided(records, staff, one)
    assert apply_due(database, LIFE, SOON) == LEAST
    with database.writing() as records:
        for n in range(30):
            handed_in(records, promised=FIRST, at=NOW + n * SECOND)
        handed_in(records, promised=FIRST, district=WEST)
        mine = handed_in(records, promised=LATER, at=NOW + SECOND)
        handed_in(records, promised=LATER)
        assert place_in_queue(records, CITY, mine.id, SOON) is None
        assert count_queues(records, CITY, SOON) == 2
        place = place_in_queue(records, CITY, mine.id, SOON)
        assert place is not None
        today = SOON.astimezone(CITY.tz).date()
        assert (place.ahead, place.likely_day) == (31, CITY.promise(today, 2))
        assert place_in_queue(records, CITY, mine.id, SOON + STALE + SECOND) is None
        claim(records, LIFE, staff, mine.id, SOON)
        assert place_in_queue(records, CITY, mine.id, SOON) is None


def test_without_a_known_speed_no_day_is_promised(sqlite_database: Database) -> None:
    with sqlite_database.writing() as records:
        mine = handed_in(records)
        count_queues(records, CITY, NOW)
        assert place_in_queue(records, CITY, mine.id, NOW) is None


def test_a_district_that_was_emptied_counts_nothing(sqlite_database: Database) -> None:
    with sqlite_database.writing() as records:
        handed_in(records)
        count_queues(records, CITY, NOW)
        assert records.get_one(QueueSize, EAST).waiting == {"2026-11-30": 1}
        next_for(records, LIFE, officer(records), NOW)
        assert count_queues(records, CITY, SOON) == 1
        size = records.get_one(QueueSize, EAST)
        assert (size.waiting, size.counted_at) == ({}, SOON)


@pytest.mark.parametrize(
    ("exact", "told"), [(0, 0), (7, 7), (31, 31), (1237, 1200), (99_960, 100_000)]
)
def test_a_place_is_told_to_two_digits(exact: int, told: int) -> None:
    assert roughly(exact) == told
