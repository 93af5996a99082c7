"""When accounts were used: who wrote is noted as of that moment, and follows."""

from __future__ import annotations

from datetime import timedelta

from models.database import Database
from models.people import Account, account_of, find_account
from models.subscriptions import leave
from models.uses import note_messages
from tests.models.making import ACCOUNT, DAY, NOW

HOUR = timedelta(hours=1)
OTHER = "wechat:wx1:other"


def noted(database: Database, key: str = ACCOUNT) -> Account:
    with database.reading() as records:
        found = find_account(records, key)
    assert found is not None
    return found


def test_many_are_noted_at_once_and_a_later_moment_is_kept(database: Database) -> None:
    with database.writing() as records:
        account_of(records, ACCOUNT, NOW)
        account_of(records, OTHER, NOW).last_inbound_at = NOW + HOUR
        note_messages(records, {OTHER: NOW, ACCOUNT: NOW, "wechat:wx1:nobody": NOW})
        note_messages(records, {})
    assert noted(database).last_inbound_at == NOW
    assert noted(database, OTHER).last_inbound_at == NOW + HOUR


def test_who_writes_after_leaving_follows_again_and_not_who_left_since(database: Database) -> None:
    with database.writing() as records:
        for key in (ACCOUNT, OTHER):
            leave(records, key, NOW)
        note_messages(records, {ACCOUNT: NOW + DAY, OTHER: NOW - HOUR})
    assert (noted(database).followed, noted(database).left_at) == (True, None)
    assert (noted(database, OTHER).followed, noted(database, OTHER).left_at) == (False, NOW)
