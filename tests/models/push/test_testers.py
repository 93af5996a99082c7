"""A code from the console, typed in a chat, links that account; nothing else does."""

from __future__ import annotations

from datetime import datetime

from models.database import Database
from models.people import find_account
from models.push.testers import LIFE, MOST_TRIES, link_by_code, new_code, unlink
from models.staff import Role, Staff
from tests.models.making import ACCOUNT, MINUTE, NOW, new_id


def somebody(database: Database, code: str, now: datetime = NOW) -> str:
    """A member of staff to whom `code` was shown just now."""
    staff_id = new_id()
    with database.writing() as records:
        staff = Staff(
            id=staff_id, login=staff_id, name="李工", roles=[Role.PUSH_EDITOR.value], districts=[],
            password_hash="", totp_secret=None, created_at=NOW,
        )  # fmt: skip
        new_code(staff, code, now)
        records.add(staff)
    return staff_id


def account_of_staff(database: Database, staff_id: str) -> str:
    with database.reading() as records:
        return records.get_one(Staff, staff_id).account_key


def test_a_code_links_the_account_that_types_it_once(database: Database) -> None:
    one, other = somebody(database, "482915"), somebody(database, "731204")
    with database.writing() as records:
        found = link_by_code(records, "482915", ACCOUNT, NOW)
        assert found is not None and found.id == one
        account = find_account(records, ACCOUNT)
        assert account is not None and account.last_inbound_at == NOW  # they wrote just now
        assert link_by_code(records, "482915", "wechat:wx1:oOther", NOW) is None
    assert account_of_staff(database, one) == ACCOUNT
    assert account_of_staff(database, other) == ""


def test_an_old_code_or_one_that_a_newer_replaced_links_nothing(database: Database) -> None:
    one = somebody(database, "482915")
    with database.writing() as records:
        assert link_by_code(records, "482915", ACCOUNT, NOW + LIFE) is None
        new_code(records.get_one(Staff, one), "000017", NOW)
        assert link_by_code(records, "482915", ACCOUNT, NOW) is None
        assert link_by_code(records, "000017", ACCOUNT, NOW) is not None
        unlink(records.get_one(Staff, one))
    assert account_of_staff(database, one) == ""


def test_who_left_is_linked_no_more(database: Database) -> None:
    one = somebody(database, "482915")
    with database.writing() as records:
        records.get_one(Staff, one).active = False
    with database.writing() as records:
        assert link_by_code(records, "482915", ACCOUNT, NOW) is None


def test_an_account_that_guesses_waits_an_hour_though_it_guessed_right_at_last(
    database: Database,
) -> None:
    one = somebody(database, "482915")
    for guess in range(MOST_TRIES):
        with database.writing() as records:
            assert link_by_code(records, f"{guess:06d}", ACCOUNT, NOW) is None
    with database.writing() as records:
        assert link_by_code(records, "482915", ACCOUNT, NOW + MINUTE) is None
        assert link_by_code(records, "482915", "wechat:wx1:oOther", NOW) is not None
        new_code(records.get_one(Staff, one), "000017", NOW + 62 * MINUTE)
        assert link_by_code(records, "000017", ACCOUNT, NOW + 62 * MINUTE) is not None
