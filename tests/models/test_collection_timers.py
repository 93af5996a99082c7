"""Cards by the clock: each reminder once, put away after the city's months, told by day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from config.calendar import months_after, months_before
from config.city import load_city
from config.locales import Texts
from models.application_states import State
from models.applications import Application, events_of
from models.card_moves import CardMove
from models.collection_timers import do_due
from models.database import Database
from models.lifecycle import Lifecycle, matter_of
from models.notices import Notice
from models.people import account_of
from tests.models.making import (
    ACCOUNT,
    KEYS,
    OTHER_NUMBER,
    PHONE,
    make_application,
    make_person,
    new_id,
)
from tests.models.push.person import reminded

CITY = load_city()
LIFE = Lifecycle(KEYS, CITY, Texts.load(CITY), new_id)
READY = datetime(2026, 11, 30, 15, 30, tzinfo=CITY.tz)


def card(records: Records, state: State = State.READY_FOR_PICKUP) -> Application:
    answers = {"name": "陈国强", "phone": PHONE}
    made = make_application(
        records, make_person(records), answers=answers, branch="ABC-01", bank="ABC", now=READY
    )
    made.state, made.state_since = state.value, READY
    account_of(records, ACCOUNT, READY)
    return made


def under_way(records: Records, application: Application, sent_at: datetime | None) -> CardMove:
    """To another branch, asked for when it was ready."""
    move = CardMove(
        id=new_id(), application_id=application.id, from_branch="ABC-01",
        to_branch="ABC-02", asked_at=READY, sent_at=sent_at, ended="",
    )  # fmt: skip
    records.add(move)
    records.flush()
    return move


def at(day: str, hour: int = 10) -> datetime:
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=CITY.tz)


def notices(records: Records, application: Application) -> list[str]:
    mine = select(Notice).where(Notice.matter == matter_of(application)).order_by(Notice.seq)
    return [notice.open_payload(KEYS)["name"] for notice in records.scalars(mine)]


def test_a_card_is_reminded_of_on_the_citys_days_and_put_away_at_last(database: Database) -> None:
    with database.writing() as records:
        application = card(records)
        application_id = application.id
    happened = {}
    marks = ("2026-12-15", "2027-02-28", "2027-05-30", "2027-10-30", "2027-11-30")
    for day in (date.fromisoformat(mark) + timedelta(days=n) for mark in marks for n in (-1, 0, 1)):
        for hour in (3, 10, 11):  # the chore is done again and again
            with database.writing() as records:
                if do_due(records, LIFE, at(day.isoformat(), hour)):
                    happened[day.isoformat()] = hour
    assert happened == dict.fromkeys(marks, 10)
    with database.reading() as records:
        application = records.get_one(Application, application_id)
        assert (application.state, application.card_status) == ("SEALED", "9")
        reasons = [e.reason for e in events_of(records, application_id) if e.actor == "timer"]
        assert reasons == ["15d", "3m", "6m", "11m", "uncollected"]
        assert reminded(records, application) == [("collect_due", day) for day in marks[:4]]
        assert notices(records, application) == ["sealed"]


def test_after_a_long_pause_the_latest_reminder_alone_is_told(database: Database) -> None:
    with database.writing() as records:
        application = card(records)
        assert do_due(records, LIFE, at("2027-06-10")) == 1
        assert do_due(records, LIFE, at("2027-06-11")) == 0
        assert [e.reason for e in events_of(records, application.id)][1:] == ["6m"]


@pytest.mark.parametrize("hour", [0, 8, 20, 23])
def test_nobody_is_reminded_at_night(database: Database, hour: int) -> None:
    with database.writing() as records:
        card(records)
        assert do_due(records, LIFE, at("2027-01-10", hour)) == 0


def test_who_has_collected_is_reminded_of_nothing_but_switching_on_once(database: Database) -> None:
    with database.writing() as records:
        application = card(records, State.COLLECTED)
        assert do_due(records, LIFE, at("2026-12-13")) == 0
        assert do_due(records, LIFE, at("2026-12-14")) == 1
        assert do_due(records, LIFE, at("2027-12-14")) == 0
        assert reminded(records, application) == [("activate_due", "2026-12-14")]
        assert notices(records, application) == []


def test_one_card_that_cannot_be_told_of_holds_up_no_other(database: Database) -> None:
    """Of an account that nobody knows: what a campaign says is filled in when it is called."""
    with database.writing() as records:
        card(records).answers = b"unreadable"
        records.delete(account_of(records, ACCOUNT, READY))
        other = make_person(records, id_number=OTHER_NUMBER)
        good = make_application(records, other, answers={"name": "王小", "phone": PHONE}, now=READY)
        good.state, good.state_since = State.READY_FOR_PICKUP.value, READY
        records.flush()
        assert do_due(records, LIFE, at("2026-12-15")) == 1
        assert notices(records, good) == ["collect_due"]


def test_a_card_between_two_branches_is_reminded_of_when_it_has_come(database: Database) -> None:
    with database.writing() as records:
        application = card(records)
        move = under_way(records, application, sent_at=None)
        assert do_due(records, LIFE, at("2026-12-15")) == 0
        move.sent_at = at("2026-12-15")
        assert do_due(records, LIFE, at("2026-12-16")) == 0
        move.ended_at = at("2026-12-17")
        assert do_due(records, LIFE, at("2026-12-18")) == 1
        assert reminded(records, application) == [("collect_due", "2026-12-18")]


def test_a_card_between_two_branches_is_not_put_away(database: Database) -> None:
    with database.writing() as records:
        application = card(records)
        move = under_way(records, application, sent_at=READY)
        do_due(records, LIFE, at("2027-12-10"))
        assert application.state == State.READY_FOR_PICKUP
        move.ended_at = at("2027-12-11")
        do_due(records, LIFE, at("2027-12-12"))
        assert application.state == State.SEALED


def test_many_are_done_a_batch_at_a_time(database: Database) -> None:
    with database.writing() as records:
        for _ in range(3):
            card(records).holder_proven = False
        records.delete(account_of(records, ACCOUNT, READY))  # whose share of the day is two
        done = [do_due(records, LIFE, at("2026-12-20"), most=2) for _ in range(3)]
        assert done == [2, 1, 0]


@pytest.mark.parametrize("day", ["2027-02-28", "2028-02-29", "2027-03-30", "2027-01-31"])
@pytest.mark.parametrize("months", [1, 3, 11, 12])
def test_the_latest_day_that_is_due_is_found_exactly(day: str, months: int) -> None:
    today = date.fromisoformat(day)
    latest = months_before(today, months)
    assert months_after(latest, months) <= today
    assert months_after(latest + timedelta(days=1), months) > today
