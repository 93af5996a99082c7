"""Who writes: found by any id, addressed by the preferred one, also while the records are away."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.channels.alipay.identities import Identities, Recipient
from bot.dialogue.messages import AccountKey
from models.database import Database
from models.people import account_of
from models.platform_ids import IdKind, PlatformName
from tests.bot.channels.alipay.sender import APP_ID, OPEN_ID, USER

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
OLD, NEW = PlatformName("user_id", USER), PlatformName("open_id", OPEN_ID)


def account(user: str) -> AccountKey:
    return AccountKey("alipay", APP_ID, user)


def identities(database: Database, first: IdKind = "user_id") -> Identities:
    return Identities(database, first, lambda: NOW)  # type: ignore[arg-type]


def asked(of: Identities, *names: PlatformName) -> AccountKey:
    return of.account("alipay", APP_ID, names)


def test_a_new_account_is_named_by_the_preferred_id(database: Database) -> None:
    assert asked(identities(database), NEW, OLD) == account(USER)
    assert identities(database).recipient(account(USER)) == Recipient("user_id", USER)


def test_an_application_of_open_ids_names_by_them(database: Database) -> None:
    assert asked(identities(database, "open_id"), OLD, NEW) == account(OPEN_ID)


def test_a_conversation_goes_on_through_the_move_to_open_ids(database: Database) -> None:
    before, during, after = (identities(database) for _ in range(3))
    assert asked(before, OLD) == account(USER)
    assert asked(during, OLD, NEW) == account(USER)
    assert asked(after, NEW) == account(USER)
    moved = identities(database, "open_id")
    assert asked(moved, NEW) == account(USER)
    assert moved.recipient(account(USER)) == Recipient("open_id", OPEN_ID)


def test_an_account_that_nobody_linked_is_found_by_its_name(database: Database) -> None:
    with database.writing() as records:
        account_of(records, str(account(OPEN_ID)), NOW)
    assert asked(identities(database), OLD, NEW) == account(OPEN_ID)


def test_one_that_is_not_known_is_addressed_by_what_names_it(database: Database) -> None:
    assert identities(database).recipient(account("x")) == Recipient("user_id", "x")


def test_the_records_are_asked_once_of_each_person(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'records.db'}")
    database.upgrade()
    known = identities(database)
    assert asked(known, OLD, NEW) == account(USER)
    database.downgrade("base")
    assert asked(known, OLD, NEW) == account(USER)
    database.dispose()


def test_while_the_records_are_away_the_preferred_id_is_taken_and_not_remembered(
    tmp_path: Path,
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'records.db'}")
    database.upgrade()
    asked(identities(database), NEW)
    database.downgrade("base")
    known = identities(database)
    assert asked(known, OLD, NEW) == account(USER)
    database.upgrade()
    asked(identities(database, "open_id"), NEW)
    assert asked(known, NEW) == account(OPEN_ID)
    database.dispose()


@pytest.mark.parametrize("names", [[], [PlatformName("user_id", "a:b")]])
def test_what_names_nobody_is_refused(database: Database, names: list[PlatformName]) -> None:
    with pytest.raises(ValueError):
        asked(identities(database), *names)
