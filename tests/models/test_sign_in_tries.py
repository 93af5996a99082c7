"""Counting guesses, on both databases: before they are looked at, for good, and not for ever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from config.city_console import StaffAccess
from models.database import Database
from models.sign_in_tries import Tries, forget_tries, forgive
from tests.models.making import DAY, KEYS, MINUTE, NOW

RULES = StaffAccess(tries=3, address_tries=6, wait_seconds=60, longest_wait_minutes=5)


def count(
    database: Database, login: str = "li", address: str = "192.0.2.1", now: datetime = NOW
) -> timedelta | None:
    with database.writing() as records:
        return Tries(KEYS, RULES, login, address).count(records, now)


def test_waits_double_up_to_the_longest_and_a_quiet_day_forgets(database: Database) -> None:
    now, waits = NOW, []
    for _ in range(3):
        assert count(database) is None
    for number in range(5):
        wait = count(database, now=now)
        assert wait
        waits.append(wait)
        now += wait
        assert count(database, address=f"198.51.100.{number}", now=now) is None
    assert waits == [MINUTE, 2 * MINUTE, 4 * MINUTE, 5 * MINUTE, 5 * MINUTE]
    for _ in range(3):
        assert count(database, now=now + 2 * DAY) is None


def test_an_address_waits_for_what_it_tried_at_many_logins(database: Database) -> None:
    assert [count(database, f"login{n}") for n in range(6)] == [None] * 6
    assert count(database, "login7") == MINUTE
    assert count(database, "login7", "192.0.2.2") is None


def test_what_was_right_is_taken_back_and_who_is_in_begins_anew(database: Database) -> None:
    mine = Tries(KEYS, RULES, "li", "192.0.2.1")
    for _ in range(5):
        assert count(database) is None
        with database.writing() as records:
            mine.take_back(records, NOW)
    for _ in range(2):
        count(database)
    with database.writing() as records:
        mine.clear(records, NOW)
    assert [count(database) for _ in range(3)] == [None] * 3
    assert count(database) == MINUTE
    with database.writing() as records:
        forgive(records, KEYS, "li")
    assert count(database) is None


def test_many_at_once_are_counted_each(database: Database) -> None:
    with ThreadPoolExecutor(8) as threads:
        waits = list(threads.map(lambda _: count(database), range(8)))
    assert waits.count(None) == 3


def test_what_has_long_been_quiet_is_deleted(database: Database) -> None:
    count(database)
    with database.writing() as records:
        assert forget_tries(records, NOW) == 0
        assert forget_tries(records, NOW + DAY) == 2
