"""What became of a message after the platform had taken it, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from models.database import Database
from models.deliveries import record_delivery
from models.notices import Notice, new_notice
from models.people import find_account
from models.subscriptions import add_credits, take_credit
from tests.models.making import ACCOUNT, KEYS, NOW, new_id

OTHER = "wechat:wx1:oOther"


def a_notice(database: Database, state: str = "sent", sent_as: str | None = "900") -> str:
    notice_id = new_id()
    with database.writing() as records:
        new_notice(records, KEYS, notice_id, ACCOUNT, "ladder", {"name": "x"}, NOW, matter="m")
        row = records.scalars(select(Notice).where(Notice.id == notice_id)).one()
        row.state, row.sent_as, row.rung = state, sent_as, "template"
    return notice_id


def the(database: Database, notice_id: str) -> Notice:
    with database.reading() as records:
        return records.scalars(select(Notice).where(Notice.id == notice_id)).one()


def record(database: Database, result: str, account: str = ACCOUNT) -> bool:
    with database.writing() as records:
        return record_delivery(records, account, "900", result, NOW)


def test_the_first_word_of_the_platform_counts(database: Database) -> None:
    notice = a_notice(database)
    assert record(database, "delivered")
    assert not record(database, "failed")
    assert the(database, notice).delivery == "delivered"
    assert the(database, notice).state == "sent"


def test_what_did_not_arrive_is_queued_for_its_next_road_once(database: Database) -> None:
    notice = a_notice(database)
    with ThreadPoolExecutor(4) as threads:
        moved = list(threads.map(lambda _: record(database, "blocked"), range(8)))
    assert sum(moved) == 1
    row = the(database, notice)
    assert (row.state, row.sent_as, row.delivery) == ("queued", None, "")
    assert [step[:2] for step in row.steps] == [["template", "blocked"]]


def test_nobody_elses_message_is_touched(database: Database) -> None:
    notice = a_notice(database)
    assert not record(database, "delivered", OTHER)
    assert the(database, notice).delivery == ""


def test_credits_that_come_and_go_at_the_same_moment_are_all_counted(database: Database) -> None:
    with database.writing() as records:
        add_credits(records, ACCOUNT, {"t": 20}, NOW)

    def change(number: int) -> None:
        with database.writing() as records:
            if number % 2:
                add_credits(records, ACCOUNT, {"t": 1}, NOW)
            else:
                assert take_credit(records, ACCOUNT, "t")

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(change, range(30)))
    with database.reading() as records:
        account = find_account(records, ACCOUNT)
        assert account is not None
        assert account.subscription_credits == {"t": 20}
