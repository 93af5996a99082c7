"""Codes by SMS: ten minutes, five tries, one use, a minute apart, ten a day."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from models.database import Database
from models.one_time_codes import (
    LIFE,
    MOST_FROM_ACCOUNT_TO_PHONE,
    MOST_PER_DAY,
    CodeRefused,
    OneTimeCode,
    check_code,
    code_in,
    forget_codes,
    issue_code,
    issue_silently,
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


def _issue_silently(
    records: Records, phone: str | None, now: datetime = NOW, *, account: str = ACCOUNT
) -> bool:
    return issue_silently(
        records,
        KEYS,
        code_id=new_id(),
        account=account,
        purpose="progress",
        phone=phone,
        asked="YZ2611230731",
        code="482915",
        now=now,
    )


def _check(
    records: Records,
    code: str = "482915",
    now: datetime = NOW,
    *,
    phone: str | None = None,
    purpose: str = "card",
    code_id: str | None = None,
) -> str:
    return check_code(
        records,
        KEYS,
        account=ACCOUNT,
        purpose=purpose,
        code=code,
        now=now,
        phone=phone,
        code_id=code_id,
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


# --- what one purpose, account or moment must not do to another --------------------------------


def test_codes_for_one_purpose_say_nothing_of_another(database: Database) -> None:
    with database.writing() as records:
        for number in range(MOST_PER_DAY):
            account = f"wechat:wx1:{number}"
            _issue(records, now=NOW + number * MINUTE, account=account, purpose="progress")
        _issue(records, now=NOW + MOST_PER_DAY * MINUTE - 59 * SECOND)


def test_one_account_cannot_use_up_a_phones_codes(database: Database) -> None:
    with database.writing() as records:
        for number in range(MOST_FROM_ACCOUNT_TO_PHONE):
            _issue(records, now=NOW + number * MINUTE)
        for _ in range(2):
            with pytest.raises(CodeRefused) as raised:
                _issue(records, now=NOW + 10 * MINUTE)
        assert raised.value.reason == "too_many_today"
        assert raised.value.wait == DAY - 10 * MINUTE
        _issue(records, now=NOW + 10 * MINUTE, account=OTHER)
        _issue(records, now=NOW + 11 * MINUTE, phone="13900009999")
        _issue(records, now=NOW + DAY + MINUTE)


def test_many_accounts_at_the_same_moment_get_one_code_for_a_phone(database: Database) -> None:
    together = Barrier(12)

    def ask(number: int) -> bool:
        with database.reading() as records:  # connecting takes longer than the moment
            records.execute(select(1))
        together.wait()
        try:
            with database.writing() as records:
                _issue(records, account=f"wechat:wx1:{number}")
                time.sleep(0.2)
        except CodeRefused:
            return False
        return True

    with ThreadPoolExecutor(12) as threads:
        assert sum(threads.map(ask, range(12))) == 1


@pytest.mark.parametrize("phone", [None, "13900009999"], ids=["no phone", "a phone too soon"])
def test_a_code_that_nobody_was_sent_is_tried_and_expires_as_any_other(
    database: Database, phone: str | None
) -> None:
    with database.writing() as records:
        assert _issue_silently(records, "13900009999", account=OTHER)
        assert not _issue_silently(records, phone)
        said = [_check(records, purpose="progress") for _ in range(6)]
        assert said == ["wrong"] * 4 + ["too_many"] * 2
        assert not _issue_silently(records, phone, NOW + SECOND)
        assert _check(records, purpose="progress", now=NOW + SECOND + LIFE) == "expired"


def test_asking_in_vain_keeps_no_code_from_a_phone(database: Database) -> None:
    with database.writing() as records:
        assert _issue_silently(records, PHONE)
        for number in range(1, MOST_PER_DAY):
            assert not _issue_silently(records, PHONE, NOW + number * SECOND)
        assert _issue_silently(records, PHONE, NOW + MINUTE, account=OTHER)


def test_an_account_has_as_many_codes_whether_they_were_sent_or_not(database: Database) -> None:
    """Else the code that does not come to one's own phone would tell what was asked before."""
    with database.writing() as records:
        for number in range(MOST_PER_DAY):
            _issue_silently(records, None, NOW + number * SECOND)
        assert not _issue_silently(records, PHONE, NOW + MINUTE)


def test_a_code_can_be_asked_for_by_its_id(database: Database) -> None:
    with database.writing() as records:
        issued = _issue(records)
        assert _check(records, code_id=new_id()) == "none"
        assert _check(records, code_id=issued.id) == "ok"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("482915", "482915"),
        ("482 915", "482915"),
        ("482-915。", "482915"),
        ("\uff14\uff18\uff12\uff19\uff11\uff15", "482915"),
        ("验证码：482915，10分钟内有效", "482915"),
        ("48291", None),
        ("4829150", None),
        ("482915 还是 482916", None),
        ("没有", None),
        ("482915" + "。" * 60, None),
    ],
)
def test_a_code_is_found_in_a_message(said: str, code: str | None) -> None:
    assert code_in(said) == code


def test_a_long_message_is_no_work() -> None:
    began = time.monotonic()
    for said in ("1 " * 50_000, "123456" + " " * 50_000 + "1"):
        assert code_in(said) is None
    assert time.monotonic() - began < 1
