"""One account under the several ids by which a platform names it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from models.database import Database
from models.people import account_of
from models.platform_ids import PlatformName, ids_of, link_ids, whose

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
ME = "alipay:2021000000000001:2088000000000001"
OLD = PlatformName("user_id", "2088000000000001")
NEW = PlatformName("open_id", "074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5")


def linked(database: Database, account: str, *names: PlatformName, at: datetime = NOW) -> str:
    with database.writing() as records:
        return link_ids(records, account, names, at)


def found(database: Database, *names: PlatformName, app: str = "2021000000000001") -> str | None:
    with database.reading() as records:
        return whose(records, "alipay", app, names)[0]


def test_an_account_is_found_by_either_of_its_ids(database: Database) -> None:
    linked(database, ME, OLD, NEW)
    assert found(database, OLD) == found(database, NEW) == found(database, NEW, OLD) == ME


def test_an_id_is_known_in_its_own_application_alone(database: Database) -> None:
    linked(database, ME, OLD)
    assert found(database, OLD, app="2021000000000002") is None
    assert found(database, NEW) is None


def test_a_new_id_beside_a_known_one_names_the_same_account(database: Database) -> None:
    linked(database, ME, OLD)
    assert linked(database, f"alipay:2021000000000001:{NEW.value}", NEW, OLD) == ME
    assert found(database, NEW) == ME


def test_a_link_is_never_moved_to_another_account(database: Database) -> None:
    linked(database, ME, OLD)
    other = f"alipay:2021000000000001:{NEW.value}"
    assert linked(database, other, NEW) == other
    assert linked(database, ME, OLD, NEW) == ME, "the first of the names decides"
    assert found(database, NEW) == other


def test_of_each_kind_the_latest_id_is_told(database: Database) -> None:
    linked(database, ME, OLD, NEW)
    newer = PlatformName("open_id", "0newer")
    linked(database, ME, OLD, newer, at=NOW + timedelta(days=1))
    with database.reading() as records:
        assert ids_of(records, ME) == {"user_id": OLD.value, "open_id": "0newer"}
        assert ids_of(records, "alipay:2021000000000001:nobody") == {}


def test_an_account_says_of_which_kind_its_id_is(database: Database) -> None:
    other = f"alipay:2021000000000001:{NEW.value}"
    linked(database, other, NEW)
    with database.writing() as records:
        assert account_of(records, other, NOW).user_kind == "open_id"
        assert account_of(records, ME, NOW).user_kind == "user_id"
        assert account_of(records, "wechat:wx1:o1", NOW).user_kind == "openid"
        assert account_of(records, "web:site:v1", NOW).user_kind == "session"
