"""Codes by SMS: ten minutes, five tries, one use, a minute apart, ten a day."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from models.database import Database
from models.one_time_codes import (
    LIFE,
    MOST_PER_DAY,
    CodeRefused,
    OneTimeCode,
    check_code,
    forget_codes,
    issue_code,
)
from tests.models.making import ACCOUNT, DAY, KEYS, MINUTE, NOW, PHONE, SECOND, new_id

OTHER = "wechat:wx1:other"


def _issue(
    records: Records,
    code: str = "482915",
    now: datetime = NOW,
    *,
    account: str = ACCOUNT,
    phone: str = PHONE,
    purpose: str = "card",
) -> OneTimeCode:
    return issue_code(
        records,
        KEYS,
        code_id=new_id(),
        account=account,
        purpose=purpose,
        phone=phone,
        code=code,
        now=now,
    )


def _check(
    records: Records, code: str = "482915", now: datetime = NOW, *, phone: str | None = None
) -> str:
    return check_code(
        records, KEYS, account=ACCOUNT, purpose="card", code=code, now=now, phone=phone
    )


def test_the_right_code_is_right_once(database: Database) -> None:
    with database.writing() as records:
        assert _check(records) == "none"
        _issue(records)
    with database.writing() as records:
        assert _check(records, now=NOW + LIFE - SECOND) == "ok"
        assert _check(records) == "none"


def test_a_code_is_over_after_ten_minutes(database: Database) -> None:
    with database.writing() as records:
        _issue(records)
        assert _check(records, now=NOW + LIFE) == "expired"


def test_after_five_wrong_ones_even_the_right_one_is_refused(database: Database) -> None:
    with database.writing() as records:
        _issue(records)
    said = []
    for _ in range(5):
        with database.writing() as records:
            said.append(_check(records, "000000"))
    assert said == ["wrong"] * 4 + ["too_many"]
    with database.writing() as records:
        assert _check(records) == "too_many"


def test_the_fifth_try_may_still_be_right(database: Database) -> None:
    with database.writing() as records:
        _issue(records)
        for _ in range(4):
            _check(records, "000000")
        assert _check(records) == "ok"


def test_only_the_last_code_counts_with_fresh_tries(database: Database) -> None:
    with database.writing() as records:
        _issue(records)
        for _ in range(5):
            _check(records, "000000")
        _issue(records, "111111", NOW + MINUTE)
        assert _check(records, "482915", NOW + MINUTE) == "wrong"
        assert _check(records, "111111", NOW + MINUTE) == "ok"


def test_a_code_counts_for_its_phone_and_purpose_alone(database: Database) -> None:
    with database.writing() as records:
        _issue(records, purpose="progress")
        assert _check(records) == "none"
        _issue(records, now=NOW + MINUTE)
        assert _check(records, now=NOW + MINUTE, phone="13900009999") == "none"
        assert _check(records, now=NOW + MINUTE, phone=PHONE) == "ok"


def test_another_code_to_a_phone_goes_after_a_minute(database: Database) -> None:
    with database.writing() as records:
        _issue(records)
        with pytest.raises(CodeRefused) as raised:
            _issue(records, now=NOW + 20 * SECOND, account=OTHER)
        assert (raised.value.reason, raised.value.wait) == ("too_soon", 40 * SECOND)
        _issue(records, now=NOW + MINUTE, account=OTHER)


def test_who_mistyped_the_phone_need_not_wait(database: Database) -> None:
    with database.writing() as records:
        _issue(records, phone="13900009999")
        _issue(records, now=NOW + SECOND)


@pytest.mark.parametrize("same", ["phone", "account"])
def test_a_phone_and_an_account_get_so_many_a_day(database: Database, same: str) -> None:
    def send(records: Records, number: int, now: datetime) -> None:
        if same == "phone":
            _issue(records, now=now, account=f"wechat:wx1:{number}")
        else:
            _issue(records, now=now, phone=f"1390000{number:04}")

    with database.writing() as records:
        for number in range(MOST_PER_DAY):
            send(records, number, NOW + number * MINUTE)
        with pytest.raises(CodeRefused) as raised:
            send(records, 99, NOW + 60 * MINUTE)
        assert raised.value.reason == "too_many_today"
        assert raised.value.wait == DAY - 60 * MINUTE
        send(records, 99, NOW + DAY)


def test_neither_code_nor_phone_is_stored(database: Database) -> None:
    with database.writing() as records:
        _issue(records)
        row = records.scalars(select(OneTimeCode)).one()
        stored = str({c.name: getattr(row, c.name) for c in OneTimeCode.__table__.columns})
    assert "482915" not in stored
    assert PHONE not in stored


def test_two_equal_codes_have_different_hashes(database: Database) -> None:
    with database.writing() as records:
        first = _issue(records)
        second = _issue(records, now=NOW + MINUTE)
        assert first.code_hash != second.code_hash


def test_old_codes_are_forgotten(database: Database) -> None:
    with database.writing() as records:
        _issue(records)
        _issue(records, now=NOW + DAY)
        assert forget_codes(records, NOW + DAY) == 1
        assert _check(records, now=NOW + DAY) == "ok"
