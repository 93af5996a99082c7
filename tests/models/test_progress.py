"""One account of how far an application is, and who may be told of it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest

from config.city import load_city
from models.application_states import Actor, State
from models.applications import Application, move
from models.database import Database
from models.people import bind
from models.progress import own_applications, progress_of, shown_first
from models.review.arrivals import hand_in
from models.review.places import Place, QueueSize
from tests.models.making import (
    ACCOUNT,
    DAY,
    KEYS,
    NOW,
    OTHER_NUMBER,
    make_application,
    make_person,
)

CITY = load_city()
TODAY = NOW.astimezone(CITY.tz).date()


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), CITY.tz)


WAY = (
    (State.UNDER_REVIEW, Actor.OFFICER), (State.APPROVED, Actor.OFFICER),
    (State.SENT_TO_PROVINCE, Actor.BATCH), (State.PROVINCE_CHECKING, Actor.REPLY),
    (State.BANK_OPENING, Actor.REPLY), (State.IN_PRODUCTION, Actor.REPLY),
    (State.PRODUCED, Actor.REPLY), (State.READY_FOR_PICKUP, Actor.OFFICER),
)  # fmt: skip


def test_what_is_told_is_what_happened_each_with_its_day(database: Database) -> None:
    with database.writing() as records:
        application = make_application(records, make_person(records), branch="CCB-01")
        for days, (state, actor) in enumerate(WAY[:5], 1):
            move(records, application, state, actor, NOW + days * DAY)
        progress = progress_of(records, KEYS, CITY, application, NOW)
    told = [(step.state, step.on) for step in progress.happened]
    assert told == [
        (State.SUBMITTED, TODAY),
        (State.APPROVED, TODAY + timedelta(days=2)),
        (State.SENT_TO_PROVINCE, TODAY + timedelta(days=3)),
    ]
    assert (progress.state, progress.word, progress.name) == (State.BANK_OPENING, 3, "陈国强")
    assert progress.place == CITY.branch("CCB-01")
    assert progress.promised == application.promise_card_by


def test_the_latest_five_of_a_long_way_are_told(database: Database) -> None:
    with database.writing() as records:
        application = make_application(records, make_person(records))
        for state, actor in WAY:
            move(records, application, state, actor, NOW)
        progress = progress_of(records, KEYS, CITY, application, NOW)
    assert [step.state for step in progress.happened] == [
        State.APPROVED, State.SENT_TO_PROVINCE, State.IN_PRODUCTION, State.PRODUCED,
        State.READY_FOR_PICKUP,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("state", "promised", "missed_on"),
    [
        (State.SUBMITTED, date(2026, 11, 30), date(2026, 12, 1)),
        (State.IN_PRODUCTION, date(2026, 12, 21), date(2026, 12, 22)),
        (State.RETURNED, date(2026, 12, 23), None),
        (State.READY_FOR_PICKUP, None, None),
        (State.CANCELLED, None, None),
    ],
)
def test_a_promise_is_missed_the_day_after_it(
    database: Database, state: State, promised: date | None, missed_on: date | None
) -> None:
    with database.writing() as records:
        application = make_application(records, make_person(records))
        application.state, application.correct_by = state, date(2026, 12, 23)
        for today in (date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 22), date(2027, 3, 1)):
            progress = progress_of(records, KEYS, CITY, application, noon(today))
            assert progress.promised == promised
            assert progress.missed is (missed_on is not None and today >= missed_on)


def test_a_posted_card_has_no_place_and_a_closed_branch_is_the_counter(database: Database) -> None:
    with database.writing() as records:
        application = make_application(records, make_person(records), branch="GONE-9")
        assert progress_of(records, KEYS, CITY, application, NOW).place == CITY.counters[0]
        application.delivery = "post"
        assert progress_of(records, KEYS, CITY, application, NOW).place is None


def test_an_account_sees_what_it_handed_in_and_what_is_proven_of_its_person(
    database: Database,
) -> None:
    with database.writing() as records:
        me, child = make_person(records), make_person(records, id_number=OTHER_NUMBER, name="小明")
        mine = make_application(records, me, account="wechat:wx1:oMine")
        claimed = make_application(records, me, account="wechat:wx1:oLiar", holder_proven=False)
        childs = make_application(records, child, account="wechat:wx1:oMine", holder_proven=False)
        bind(records, "web:site:browser", me.id, NOW)

        def seen(account: str) -> set[str]:
            return {a.id for a in own_applications(records, account)}

        assert seen("wechat:wx1:oMine") == {mine.id, childs.id}
        assert seen("web:site:browser") == {mine.id}
        assert seen("wechat:wx1:oLiar") == {claimed.id}
        assert seen(ACCOUNT) == set()


def test_ended_ones_are_shown_only_where_none_is_open() -> None:
    ended, older, open_ = (Application(state=s) for s in ("CANCELLED", "EXPIRED", "SUBMITTED"))
    assert shown_first([ended, open_, older]) == [open_]
    assert shown_first([ended, older]) == [ended]
    assert shown_first([]) == []


def test_a_place_in_the_line_is_told_only_where_it_is_known(database: Database) -> None:
    with database.writing() as records:
        application = make_application(records, make_person(records), district="119901")
        hand_in(records, KEYS, CITY, application, NOW)
        assert progress_of(records, KEYS, CITY, application, NOW).in_line is None
        records.add(
            QueueSize(district="119901", waiting={"2026-11-27": 240}, per_day=100, counted_at=NOW)
        )
        records.flush()
        place = progress_of(records, KEYS, CITY, application, NOW).in_line
        assert place == Place(240, CITY.promise(TODAY, 3))
        assert progress_of(records, KEYS, CITY, application, NOW + DAY).in_line is None
