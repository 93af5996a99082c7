"""A promise that is missed is owned up to: once, first, and with a new day."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from models.application_states import Actor, State
from models.applications import Application, events_of
from models.database import Database
from models.lifecycle import matter_of, promised
from models.notices import Notice
from models.progress import progress_of
from models.promises import late, own_up
from tests.models.making import KEYS, OTHER_NUMBER, make_application, make_person
from tests.models.test_lifecycle import CITY, LIFE, made

REVIEW_BY, CARD_BY = date(2026, 11, 30), date(2026, 12, 21)


def at(day: date) -> datetime:
    """Noon of that day in the city."""
    return datetime.combine(day, datetime.min.time(), CITY.tz) + timedelta(hours=12)


def owned_up(database: Database, day: date) -> int:
    with database.writing() as records:
        return own_up(records, LIFE, at(day))


def test_on_the_promised_day_nothing_is_missed_yet(database: Database) -> None:
    with database.writing() as records:
        made(records)
    assert owned_up(database, REVIEW_BY) == 0


def test_the_day_after_the_person_is_told_once_with_a_new_day(database: Database) -> None:
    with database.writing() as records:
        application = made(records)
    today = REVIEW_BY + timedelta(days=1)
    assert [owned_up(database, today), owned_up(database, today)] == [1, 0]
    with database.reading() as records:
        found = records.get_one(Application, application.id)
        assert found.promise_review_by == CITY.promise(today, CITY.days.late)
        assert found.promise_card_by == CITY.promise(found.promise_review_by, CITY.days.making)
        mine = select(Notice).where(Notice.matter == matter_of(found))
        told = [notice.open_payload(KEYS) for notice in records.scalars(mine)]
        assert [payload["name"] for payload in told] == ["late"]
        assert told[0]["params"]["date"] == LIFE.texts.day("zh_CN", found.promise_review_by, today)
        event = events_of(records, found.id)[-1]
        assert (event.kind, event.by) == ("promise_missed", "timer:promises")
        assert event.detail["missed"] == REVIEW_BY.isoformat()


def test_a_card_that_is_late_has_a_new_day_of_its_own(database: Database) -> None:
    with database.writing() as records:
        application = made(records)
        application.state = State.IN_PRODUCTION
    today = CARD_BY + timedelta(days=1)
    assert owned_up(database, today) == 1
    with database.reading() as records:
        found = records.get_one(Application, application.id)
        assert found.promise_card_by == CITY.promise(today, CITY.days.late)
        assert found.promise_review_by == REVIEW_BY


@pytest.mark.parametrize(
    "state", [State.RETURNED, State.READY_FOR_PICKUP, State.CANCELLED, State.COLLECTED]
)
def test_where_we_owe_nothing_nothing_is_missed(database: Database, state: State) -> None:
    with database.writing() as records:
        made(records).state = state
    assert owned_up(database, date(2027, 12, 1)) == 0


@pytest.mark.parametrize(
    "path",
    [
        [State.PROVINCE_CHECKING, State.PROVINCE_RETURNED, State.UNDER_REVIEW],
        [State.IN_PRODUCTION, State.PRODUCTION_FAILED, State.ON_HOLD],
    ],
    ids=["province", "production"],
)
def test_what_comes_before_the_officers_again_has_a_new_day(
    database: Database, path: list[State]
) -> None:
    before, again, by = path
    today = REVIEW_BY + timedelta(days=1)
    with database.writing() as records:
        application = made(records)
        application.state = before
        LIFE.advance(records, application, again, Actor.REPLY, at(today), by="reply:1")
        actor = Actor.OFFICER if by is State.UNDER_REVIEW else Actor.REPLY
        LIFE.advance(records, application, by, actor, at(today), by="staff:1")
        until = application.promise_review_by
        assert until == CITY.promise(today, CITY.review.task_days)
        assert promised(application) == until
    assert owned_up(database, until) == 0
    assert owned_up(database, until + timedelta(days=1)) == 1


def test_what_is_late_is_listed_the_longest_first_until_it_is_done(database: Database) -> None:
    with database.writing() as records:
        first = made(records)
        other = make_person(records, id_number=OTHER_NUMBER)
        answers = {"name": "王小", "phone": "13900001235"}
        second = make_application(
            records, other, answers=answers, promise_review_by=date(2026, 11, 27)
        )
    today = date(2026, 12, 1)
    assert owned_up(database, today) == 2
    with database.writing() as records:
        listed = late(records)
        assert [a.id for a in listed] == [second.id, first.id]
        assert [a.id for a in late(records, after=listed[0])] == [first.id]
        progress = progress_of(records, KEYS, CITY, listed[0], at(today))
        assert progress.missed and progress.promised == listed[0].promise_review_by
        for state in (State.UNDER_REVIEW, State.APPROVED):
            LIFE.advance(records, listed[0], state, Actor.OFFICER, at(today), by="staff:1")
        assert [a.id for a in late(records)] == [first.id]


def test_who_cannot_be_told_costs_nobody_else_their_word(database: Database) -> None:
    with database.writing() as records:
        bad = made(records, promise_review_by=REVIEW_BY - timedelta(days=1))
        bad.answers = b"unreadable"
        other = make_person(records, id_number=OTHER_NUMBER)
        good = make_application(records, other, answers={"name": "王小", "phone": "13900001235"})
    today = REVIEW_BY + timedelta(days=1)
    assert [owned_up(database, today), owned_up(database, today)] == [1, 0]
    with database.reading() as records:
        assert records.get_one(Application, good.id).promise_review_by > today
        assert records.get_one(Application, bad.id).late_since is None


def test_two_workers_at_once_tell_everybody_once(database: Database) -> None:
    with database.writing() as records:
        person = make_person(records)
        for _ in range(6):
            answers = {"name": "陈国强", "phone": "13900001234"}
            make_application(records, person, answers=answers, holder_proven=False)
    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(lambda _: owned_up(database, date(2026, 12, 1)), range(4)))
    assert sum(told) == 6
    with database.reading() as records:
        assert len(records.scalars(select(Notice)).all()) == 6
