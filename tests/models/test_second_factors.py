"""Codes and recovery codes, on both databases: each is taken once, by one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from pyotp import TOTP

from models.database import Database
from models.second_factors import (
    confirm_secret,
    draw_recovery_codes,
    draw_secret,
    forget_recovery_codes,
    recovery_codes_left,
    take_code,
    take_recovery_code,
)
from models.staff import Staff
from tests.models.making import KEYS, NOW

STEP = timedelta(seconds=30)
ID = "5" * 32


@pytest.fixture
def secret(database: Database) -> str:
    """Of somebody whose phone is set up."""
    with database.writing() as records:
        staff = Staff(
            id=ID, login="s", name="李工", roles=[], districts=[], password_hash="", created_at=NOW
        )
        records.add(staff)
        drawn = draw_secret(records, KEYS, staff)
        assert confirm_secret(records, KEYS, staff, TOTP(drawn).at(NOW - 9 * STEP), NOW - 9 * STEP)
    return drawn


def taken(database: Database, code: str, at: timedelta = timedelta(0)) -> bool:
    with database.writing() as records:
        return take_code(records, KEYS, records.get_one(Staff, ID), code, NOW + at)


@pytest.mark.parametrize(
    ("off", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_phones_clock_may_be_a_step_off(
    database: Database, secret: str, off: int, good: bool
) -> None:
    assert taken(database, TOTP(secret).at(NOW + off * STEP)) is good


def test_after_a_code_neither_it_nor_an_earlier_one_is_good(
    database: Database, secret: str
) -> None:
    codes = [TOTP(secret).at(NOW + step * STEP) for step in (-1, 0, 1)]
    assert taken(database, codes[1])
    assert not taken(database, codes[1]) and not taken(database, codes[0])
    assert taken(database, codes[2])


@pytest.mark.parametrize("wrong", ["", "12345", "abcdef", "１２３４５６", "0" * 400])
def test_what_is_no_code_is_not_taken(database: Database, secret: str, wrong: str) -> None:
    assert not taken(database, wrong)


def test_a_confirmed_secret_is_not_confirmed_again(database: Database, secret: str) -> None:
    with database.writing() as records:
        staff = records.get_one(Staff, ID)
        assert confirm_secret(records, KEYS, staff, TOTP(secret).at(NOW), NOW) is None


def test_one_code_at_once_from_many_is_taken_once(database: Database, secret: str) -> None:
    code = TOTP(secret).at(NOW)
    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(lambda _: taken(database, code), range(4))) == 1


def test_a_recovery_code_at_once_from_many_is_taken_once(database: Database, secret: str) -> None:
    with database.writing() as records:
        codes = draw_recovery_codes(records, records.get_one(Staff, ID))

    def take(_: int) -> bool:
        with database.writing() as records:
            return take_recovery_code(records, ID, codes[0], NOW)

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(take, range(4))) == 1
    with database.writing() as records:
        assert recovery_codes_left(records, ID) == 9
        assert not take_recovery_code(records, "another", codes[1], NOW)
        forget_recovery_codes(records, ID)
        assert not take_recovery_code(records, ID, codes[1], NOW)
