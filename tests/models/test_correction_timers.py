"""Returned applications by the clock: each reminder once, the end told, photos gone in time."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from config.city import load_city
from config.locales import Texts
from config.templates import load_templates
from models.application_states import Actor, State
from models.applications import Application, move
from models.correction_timers import do_due, expire_photos
from models.database import Database
from models.documents import Document
from models.lifecycle import Lifecycle
from models.notices import Notice
from models.people import Person, account_of
from models.push.campaigns import Campaign
from models.push.reminders import holding
from models.returns import Finding, add_return
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
BACK = datetime(2026, 11, 27, 15, 30, tzinfo=CITY.tz)
UNTIL = date(2026, 12, 27)


def at(day: date, hour: int = 10) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=CITY.tz)


def returned(records: Records, back: datetime = BACK, *, of: Person | None = None) -> Application:
    answers = {"name": "陈国强", "phone": PHONE}
    made = make_application(records, of or make_person(records), answers=answers, now=back)
    move(records, made, State.UNDER_REVIEW, Actor.OFFICER, back, by="staff:one")
    add_return(
        records, made.id, [Finding("PHOTO_BG", "portrait")],
        round_=1, by="staff:one", now=back, return_id=new_id(),
    )  # fmt: skip
    LIFE.advance(records, made, State.RETURNED, Actor.OFFICER, back, by="staff:one")
    account_of(records, ACCOUNT, back)
    return made


def due(database: Database, now: datetime) -> int:
    with database.writing() as records:
        return do_due(records, LIFE, now)


def told(database: Database, application_id: str) -> list[tuple[str, str]]:
    """Every reminder with its day, and the notices."""
    with database.reading() as records:
        mine = select(Notice).where(Notice.matter == f"application:{application_id}")
        payloads = [n.open_payload(KEYS) for n in records.scalars(mine.order_by(Notice.seq))]
        reminders = reminded(records, records.get_one(Application, application_id))
        return [*reminders, *[(p["name"], p["params"].get("days", "")) for p in payloads]]


def test_one_that_cannot_be_told_of_holds_up_no_other(database: Database) -> None:
    with database.writing() as records:
        returned(records).answers = b"unreadable"
        records.delete(account_of(records, ACCOUNT, BACK))
        other = make_person(records, id_number=OTHER_NUMBER)
        good = returned(records, of=other).id
        records.delete(account_of(records, ACCOUNT, BACK))
    assert due(database, at(UNTIL - timedelta(days=7))) == 1
    assert told(database, good)[-1] == ("correction_due", "7")


def test_seven_three_and_one_day_before_and_the_end_each_once(database: Database) -> None:
    with database.writing() as records:
        application = returned(records)
    happened = []
    for days in range(12, -3, -1):
        day = UNTIL - timedelta(days=days)
        for hour in (3, 10, 10, 15):  # by night nobody is written to; the chore runs on and on
            if due(database, at(day, hour)):
                happened.append((days, hour))
    assert happened == [(7, 10), (3, 10), (1, 10), (-1, 10)]
    days_of = [(UNTIL - timedelta(days=days)).isoformat() for days in (7, 3, 1)]
    reminders = [("correction_due", day) for day in days_of]
    assert told(database, application.id) == [*reminders, ("returned", ""), ("ended", "")]
    with database.reading() as records:
        ended = records.get_one(Application, application.id)
        assert (ended.state, ended.correct_by) == ("EXPIRED", None)


def test_a_worker_that_stood_still_tells_the_latest_reminder_alone(database: Database) -> None:
    with database.writing() as records:
        application = returned(records)
    assert due(database, at(UNTIL - timedelta(days=2))) == 1
    day = (UNTIL - timedelta(days=2)).isoformat()
    assert told(database, application.id) == [("correction_due", day), ("returned", "")]
    assert due(database, at(UNTIL - timedelta(days=2), 12)) == 0


def test_a_second_round_is_reminded_of_anew(database: Database) -> None:
    with database.writing() as records:
        application = returned(records)
    assert due(database, at(UNTIL - timedelta(days=7))) == 1
    again = at(UNTIL - timedelta(days=5))
    with database.writing() as records:
        mine = records.get_one(Application, application.id)
        LIFE.advance(records, mine, State.RESUBMITTED, Actor.CITIZEN, again, by="citizen")
        move(records, mine, State.UNDER_REVIEW, Actor.OFFICER, again, by="staff:one")
        LIFE.advance(records, mine, State.RETURNED, Actor.OFFICER, again, by="staff:one")
        new_end = mine.correct_by
    assert new_end == again.date() + timedelta(days=CITY.days.correction)
    assert due(database, at(UNTIL - timedelta(days=1))) == 0
    assert due(database, at(new_end - timedelta(days=7))) == 1


def test_a_reminder_that_nobody_saw_gives_way_to_the_next(database: Database) -> None:
    with database.writing() as records:
        application = returned(records)
    due(database, at(UNTIL - timedelta(days=7)))
    due(database, at(UNTIL - timedelta(days=3)))
    with database.reading() as records:
        campaigns = records.scalars(select(Campaign).order_by(Campaign.id)).all()
        now, number = at(UNTIL - timedelta(days=3)), application.number
        true = [holding(records, CITY, each, [number], now) for each in campaigns]
    assert true == [set(), {application.number}]


def test_after_the_last_day_nobody_is_reminded_whether_it_has_ended_or_not(
    database: Database,
) -> None:
    """Its end cannot be told, and is tried again and again."""
    with database.writing() as records:
        application = returned(records)
    due(database, at(UNTIL - timedelta(days=1)))
    with database.writing() as records:
        records.get_one(Application, application.id).answers = b"unreadable"
        other = returned(records, of=make_person(records, id_number=OTHER_NUMBER))
        other.answers = b"unreadable"
    assert due(database, at(UNTIL + timedelta(days=1))) == 0
    with database.reading() as records:
        assert reminded(records, other) == []
        campaign = records.scalars(select(Campaign)).one()
        days = (UNTIL, UNTIL + timedelta(days=1))
        true = [holding(records, CITY, campaign, [application.number], at(d, 7)) for d in days]
    assert true == [{application.number}, set()]


def test_two_workers_at_once_remind_once(database: Database) -> None:
    """The second begins while the first has not committed."""
    with database.writing() as records:
        application = returned(records)
    now, counts = at(UNTIL - timedelta(days=7)), []
    with database.writing() as records:
        assert do_due(records, LIFE, now) == 1
        other = threading.Thread(target=lambda: counts.append(due(database, now)))
        other.start()
        other.join(0.3)
        assert counts == []  # it waits
    other.join(10)
    assert counts == [0]
    assert len(told(database, application.id)) == 2


def test_photos_go_when_the_citys_days_after_the_end_are_over(database: Database) -> None:
    with database.writing() as records:
        application = returned(records)
        records.add(
            Document(
                id=new_id(), draft_id=application.draft_id, application_id=application.id,
                kind="portrait_own", media_type="image/jpeg", size=3, width=1, height=1,
                wrapped_key=b"k", object_name=new_id(), expires_at=None, created_at=BACK,
            )
        )  # fmt: skip
    assert due(database, at(UNTIL + timedelta(days=1))) == 1
    ended = at(UNTIL + timedelta(days=1))
    for days, gone in ((CITY.days.photos - 1, 0), (CITY.days.photos, 1), (CITY.days.photos + 1, 0)):
        with database.writing() as records:
            assert expire_photos(records, LIFE, ended + timedelta(days=days)) == gone
    with database.reading() as records:
        (document,) = records.scalars(select(Document)).all()
    assert document.expires_at == (ended + timedelta(days=CITY.days.photos)).astimezone(UTC)


@pytest.mark.parametrize(
    ("days", "chinese", "english"),
    [
        ("3", "还剩3天", "3 days left"),
        ("1", "还剩1天", "1 day left"),
        ("0", "今天是最后一天", "today is the last day"),
    ],
)
def test_the_last_day_is_told_as_such_on_every_road(days: str, chinese: str, english: str) -> None:
    templates, params = load_templates(CITY), {"number": "YZ2611200731", "days": days}
    for locale, said in (("zh_CN", chinese), ("en", english)):
        assert said in templates.chat("correction_due", locale, params)
        assert templates.sms("correction_due", locale, params).params["left"] == said
    note = templates.filled("template", "correction_due", "en", params)["thing3"]
    assert note == (english if days != "0" else "last day: today")
    note = templates.filled("template", "correction_due", "zh_CN", params)["thing3"]
    assert note == chinese


def test_the_reminder_says_what_to_do_and_nothing_more_than_that(database: Database) -> None:
    params = {"number": "YZ2611200731", "days": "3"}
    text = load_templates(CITY).chat("correction_due", "zh_CN", params)
    assert "剩3天" in text
    assert "照片" not in text  # what is wrong is told in the chat itself
