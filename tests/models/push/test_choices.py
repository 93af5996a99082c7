"""No and yes to pushes: for all accounts of a person, listed as the answer to what made them say
it."""

from __future__ import annotations

from datetime import timedelta

from models.database import Database
from models.people import Account, account_of, bind, find_account
from models.push.answers import answers_to
from models.push.campaigns import Campaign
from models.push.choices import stop_in_answer, stop_pushes, want_announcements
from tests.models.making import ACCOUNT, DAY, KEYS, NOW, make_person
from tests.models.push.person import counted, got, make_campaign

WEEK = timedelta(days=7)
STOPPED = ("answer", "", "stop")


def account(database: Database, key: str = ACCOUNT) -> Account:
    with database.reading() as records:
        found = find_account(records, key)
    assert found is not None
    return found


def test_a_no_is_for_every_account_of_the_person_and_takes_the_yes_back(
    database: Database,
) -> None:
    with database.writing() as records:
        person = make_person(records)
        for key in (ACCOUNT, "alipay:app:other"):
            bind(records, key, person.id, NOW)
        account_of(records, "wechat:wx1:stranger", NOW)
        want_announcements(records, ACCOUNT, NOW)
        assert stop_pushes(records, "alipay:app:other", NOW)
        assert not stop_pushes(records, ACCOUNT, NOW + DAY)
    for key in (ACCOUNT, "alipay:app:other"):
        assert (account(database, key).stopped_at, account(database, key).announcements_since) == (
            NOW, None,
        )  # fmt: skip
    assert account(database, "wechat:wx1:stranger").stopped_at is None


def test_a_yes_takes_the_no_back(database: Database) -> None:
    with database.writing() as records:
        stop_pushes(records, ACCOUNT, NOW)
        want_announcements(records, ACCOUNT, NOW + DAY)
    assert account(database).stopped_at is None
    assert account(database).announcements_since == NOW + DAY


def test_a_no_is_listed_and_counted_with_the_latest_campaign_they_got(database: Database) -> None:
    with database.writing() as records:
        earlier, later, waits = (make_campaign(records).id for _ in range(3))
        for campaign_id, at, state in (
            (earlier, NOW - 2 * DAY, "sent"), (later, NOW - DAY, "unknown"), (waits, NOW, "visit"),
        ):  # fmt: skip
            campaign = records.get_one(Campaign, campaign_id)
            recipient = got(records, campaign, at=at, state=state)
        assert stop_in_answer(records, KEYS, ACCOUNT, "退订", NOW, NOW - WEEK)
        assert not stop_in_answer(records, KEYS, ACCOUNT, "退订", NOW, NOW - WEEK)
    assert counted(database, later)[STOPPED] == 1
    assert counted(database, earlier)[STOPPED] == counted(database, waits)[STOPPED] == 0
    with database.reading() as records:
        (answer,) = answers_to(records, later)
        assert (answer.recipient, answer.option, answer.open_text(KEYS)) == (
            recipient, "stop", "退订",
        )  # fmt: skip


def test_a_no_long_after_the_last_campaign_is_an_answer_to_none(database: Database) -> None:
    with database.writing() as records:
        campaign = make_campaign(records)
        got(records, campaign, at=NOW - 8 * DAY)
        assert stop_in_answer(records, KEYS, ACCOUNT, "退订", NOW, NOW - WEEK)
        assert answers_to(records, campaign.id) == []
    assert account(database).stopped_at == NOW
