"""Whom a campaign is for: every filter, every purpose, each person once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import event, select
from sqlalchemy.orm import Session as Records

from models.database import Database
from models.people import Account, account_of, bind, find_account
from models.push.audience import (
    Purpose,
    Segment,
    add_listed,
    chosen,
    count,
    extend_listed,
)
from models.push.campaigns import Campaign
from models.push.choices import stop_pushes, want_announcements
from models.push.deliveries import Delivery
from models.push.expansion import expand
from models.push.stages import Stage
from tests.models.making import DAY, NOW, make_application, make_person

TODAY = date(2026, 11, 23)
EAST, WEST = "119901", "119902"
IDS = {1990: "119999199003070019", 2018: "119999201806150020", 1985: "11999919850101001X"}
CHEN, CHILD, LI = "wechat:wx1:oChen", "alipay:2021:oChild", "mini_wechat:wx2:oLi"


def applicant(records: Records, account: str, born: int, **other: Any) -> str:
    """Somebody with an account and an application; returns its number."""
    person = make_person(records, id_number=IDS[born])
    bind(records, account, person.id, NOW)
    columns = {name: other.pop(name) for name in ("state", "state_since") if name in other}
    application = make_application(records, person, account=account, **other)
    for name, value in columns.items():
        setattr(application, name, value)
    records.flush()
    return application.number


@pytest.fixture
def town(database: Database) -> Database:
    """Three people, each different in everything."""
    with database.writing() as records:
        applicant(
            records, CHEN, 1990, district=EAST, bank="CCB", branch="CCB-01", state="SUBMITTED",
            state_since=NOW - 2 * DAY,
        )  # fmt: skip
        applicant(
            records, CHILD, 2018, district=WEST, bank="ICBC", branch="ICBC-01", state="APPROVED",
            state_since=NOW - 5 * DAY,
        )  # fmt: skip
        applicant(
            records, LI, 1985, district=WEST, bank="ICBC", branch="ICBC-02", state="COLLECTED",
            state_since=NOW - timedelta(days=10, hours=1),
        )  # fmt: skip
        found = find_account(records, LI)
        assert found
        found.locale = "en"
    return database


@pytest.mark.parametrize(
    ("segment", "whom"),
    [
        ({}, {CHEN, CHILD, LI}),
        ({"states": ["SUBMITTED"]}, {CHEN}),
        ({"states": ["SUBMITTED", "APPROVED"]}, {CHEN, CHILD}),
        ({"districts": [WEST]}, {CHILD, LI}),
        ({"banks": ["CCB"]}, {CHEN}),
        ({"branches": ["ICBC-02", "CCB-01"]}, {CHEN, LI}),
        ({"locales": ["en"]}, {LI}),
        ({"channels": ["alipay", "mini_wechat"]}, {CHILD, LI}),
        ({"age_from": 36}, {CHEN, LI}),
        ({"age_from": 37}, {LI}),
        ({"age_until": 8}, {CHILD}),
        ({"age_from": 8, "age_until": 36}, {CHEN, CHILD}),
        ({"days_from": 5}, {CHILD, LI}),
        ({"days_from": 6}, {LI}),
        ({"days_until": 4}, {CHEN}),
        ({"days_until": 5}, {CHEN, CHILD}),
        ({"days_from": 10, "days_until": 10}, {LI}),
        ({"districts": [WEST], "age_from": 18}, {LI}),
        ({"districts": [WEST], "banks": ["CCB"]}, set()),
    ],
)
def test_a_segment_holds_those_who_have_all_of_it(
    town: Database, segment: dict[str, Any], whom: set[str]
) -> None:
    with town.reading() as records:
        assert accounts(records, Segment.read(segment), "service") == whom
        assert count(records, Segment.read(segment), "service", NOW, TODAY) == len(whom)


def test_of_an_unknown_year_of_birth_nobody_knows_the_age(town: Database) -> None:
    with town.writing() as records:
        make_person(records, id_number=IDS[1990]).birth_year = None
        records.flush()
        assert accounts(records, Segment(age_from=0), "service") == {CHILD, LI}
        assert accounts(records, Segment(age_until=130), "service") == {CHILD, LI}


@pytest.mark.parametrize(
    "wrong", [{"states": ["NOWHERE"]}, {"age_from": -1}, {"days_until": 5000}, {"name": "陈"}]
)
def test_what_is_no_segment_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Segment.read(wrong)


def test_a_service_message_goes_to_applicants_who_did_not_stop(town: Database) -> None:
    with town.writing() as records:
        account_of(records, "wechat:wx1:oVisitor", NOW)
        stop_pushes(records, CHILD, NOW)
        assert accounts(records, Segment(), "service") == {CHEN, LI}


def test_an_announcement_goes_to_those_who_said_yes_applicants_or_not(town: Database) -> None:
    with town.writing() as records:
        for account in (CHEN, CHILD, "wechat:wx1:oVisitor"):
            want_announcements(records, account, NOW)
        stop_pushes(records, CHILD, NOW)
        assert accounts(records, Segment(), "announcement") == {CHEN, "wechat:wx1:oVisitor"}
        assert accounts(records, Segment(districts=(EAST,)), "announcement") == {CHEN}


def test_whoever_has_several_accounts_and_applications_is_chosen_once(town: Database) -> None:
    with town.writing() as records:
        person = make_person(records, id_number=IDS[1990])
        bind(records, "mini_wechat:wx2:oChen", person.id, NOW)
        child = make_person(records, id_number=IDS[2018])
        last = make_application(
            records, child, account="mini_wechat:wx2:oChen", holder_proven=False, district=EAST
        ).number
        want_announcements(records, CHEN, NOW)
        for purpose in ("service", "announcement"):
            rows = records.execute(chosen(Segment(districts=(EAST,)), purpose, NOW, TODAY)).all()
            assert [number for _, number in rows] == [last]
        rows = records.execute(chosen(Segment(), "announcement", NOW, TODAY)).all()
        assert len(rows) == 1


def test_an_expansion_makes_the_rows_that_were_chosen(town: Database) -> None:
    with town.writing() as records:
        campaign = make_campaign(records, "service")
        assert expand(records, campaign, Segment(districts=(WEST,)), NOW, TODAY) == 2
        assert campaign.total == 2
        chosen_now = chosen(Segment(districts=(WEST,)), "service", NOW, TODAY)
        assert rows_of(records, campaign) == {(r, n, "new") for r, n in records.execute(chosen_now)}


@pytest.mark.parametrize("purpose", ["service", "announcement"])
def test_an_expansion_a_second_time_keeps_every_row_and_adds_the_new(
    town: Database, purpose: Purpose
) -> None:
    with town.writing() as records:
        for account in (CHEN, CHILD, LI):
            want_announcements(records, account, NOW)
        campaign = make_campaign(records, purpose)
        assert expand(records, campaign, Segment(channels=("wechat", "alipay")), NOW, TODAY) == 2
        first = records.scalars(select(Delivery).order_by(Delivery.recipient)).first()
        assert first
        first.state, first.number = "sent", "kept"
        records.flush()
        mine = (first.recipient, first.number, first.state)
        assert expand(records, campaign, Segment(), NOW, TODAY) == 3
        assert expand(records, campaign, Segment(), NOW, TODAY) == campaign.total == 3
        assert mine in rows_of(records, campaign)
        other = make_campaign(records, purpose)
        assert expand(records, other, Segment(), NOW, TODAY) == 3


@pytest.mark.parametrize("purpose", ["service", "announcement"])
def test_an_expansion_makes_one_row_for_the_accounts_of_one_person(
    town: Database, purpose: Purpose
) -> None:
    with town.writing() as records:
        person = make_person(records, id_number=IDS[1990])
        bind(records, "alipay:2021:oChen", person.id, NOW)
        latest = make_application(
            records, person, account="alipay:2021:oChen", holder_proven=False
        ).number
        want_announcements(records, CHEN, NOW)
        campaign = make_campaign(records, purpose)
        segment = Segment(states=("SUBMITTED",))  # type: ignore[arg-type]
        assert expand(records, campaign, segment, NOW, TODAY) == 1
        ((_, number, _),) = rows_of(records, campaign)
        assert number == latest
        again = make_campaign(records, purpose)
        expected = 1 if purpose == "announcement" else 3
        assert expand(records, again, Segment(), NOW, TODAY) == expected


@pytest.mark.parametrize("purpose", ["service", "announcement"])
def test_an_expansion_sorts_nothing_and_finds_accounts_by_an_index(
    sqlite_database: Database, purpose: Purpose
) -> None:
    sent: list[tuple[str, Any]] = []

    def keep(_: Any, __: Any, statement: str, given: Any, *___: Any) -> None:
        sent.append((statement, given))

    event.listen(sqlite_database.engine, "before_cursor_execute", keep)
    with sqlite_database.writing() as records:
        expand(records, make_campaign(records, purpose), Segment(), NOW, TODAY)
        (made,) = [each for each in sent if each[0].startswith("INSERT INTO push_deliveries")]
        plan = records.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {made[0]}", made[1])
        steps = [str(row[3]) for row in plan]
    assert not any("TEMP B-TREE" in step for step in steps)
    joined = [step for step in steps if step.startswith("SEARCH")]
    assert len(joined) == (purpose == "service")
    assert all(" USING " in step and "AUTOMATIC" not in step for step in joined)


def test_a_list_replaces_the_one_before_or_is_added_to_it(database: Database) -> None:
    with database.writing() as records:
        campaign = make_campaign(records, "service")
        other = make_campaign(records, "service")
        assert add_listed(records, campaign, {3: "YZ3", 1: None}) == 2
        assert add_listed(records, other, {3: "YZ3"}) == 1
        assert add_listed(records, campaign, {2: "YZ2"}) == campaign.total == 1
        assert rows_of(records, campaign) == {(2, "YZ2", "new")}
        assert extend_listed(records, campaign, {2: "YZ9", 5: "YZ5"}) == {5}
        assert campaign.total == 2
        assert rows_of(records, campaign) == {(2, "YZ2", "new"), (5, "YZ5", "new")}
        assert rows_of(records, other) == {(3, "YZ3", "new")}
        assert add_listed(records, campaign, {}) == campaign.total == 0


def accounts(records: Records, segment: Segment, purpose: Purpose) -> set[str]:
    """Whose recipients are chosen, each by the first account it had."""
    known = {find_or(records, key): key for key in _keys(records)}
    return {known[row.recipient] for row in records.execute(chosen(segment, purpose, NOW, TODAY))}


def _keys(records: Records) -> Iterator[str]:
    yield from records.scalars(select(Account.key).order_by(Account.created_at.desc(), Account.key))


def find_or(records: Records, key: str) -> int:
    found = find_account(records, key)
    assert found
    return found.recipient


def rows_of(records: Records, campaign: Campaign) -> set[tuple[int, str | None, str]]:
    its = select(Delivery.recipient, Delivery.number, Delivery.state)
    records.expire_all()
    found = records.execute(its.where(Delivery.campaign_id == campaign.id))
    return {(recipient, number, state) for recipient, number, state in found}


def make_campaign(records: Records, purpose: Purpose) -> Campaign:
    campaign = Campaign(
        name="invented", kind="message", purpose=purpose, stage=Stage.APPROVED.value, message={},
        audience={}, expires_at=NOW + DAY, from_hour=8, until_hour=20, written_by="staff:1",
        written_at=NOW,
    )  # fmt: skip
    records.add(campaign)
    records.flush()
    return campaign
