"""What is forgotten of pushes by the clock."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.work.push_chores import past_days, past_words
from models.database import Database
from models.push.answers import answers_to, take_answer
from models.push.days import PushDay, PushMonth, take_month, take_place
from tests.models.making import DAY, KEYS, NOW
from tests.models.push.person import ASKS, counted, make_campaign

CITY = ZoneInfo("Asia/Shanghai")


def test_words_are_deleted_in_their_time_and_counts_stay(database: Database) -> None:
    with database.writing() as records:
        campaign = make_campaign(records, ASKS).id
        for days, option, text in ((91, "", "那天我在外地"), (91, "1", ""), (89, "stop", "退订")):
            take_answer(records, KEYS, campaign_id=campaign, recipient=days, option=option,
                        text=text, now=NOW - days * DAY)  # fmt: skip
    before = counted(database, campaign)
    assert past_words(database, 90 * DAY).do(NOW) == 1
    with database.reading() as records:
        listed = [(a.option, a.open_text(KEYS)) for a in answers_to(records, campaign)]
    assert listed == [("stop", "退订"), ("1", ""), ("", "")]
    assert counted(database, campaign) == before


def test_days_and_months_that_are_over_are_forgotten(sqlite_database: Database) -> None:
    days = [date(2026, 11, day) for day in (20, 21, 22, 23)]
    with sqlite_database.writing() as records:
        for day in days:
            take_place(records, day, [1], 2)
        for month in (date(2026, 10, 1), date(2026, 11, 1)):
            take_month(records, month, [1], 4)
    past_days(sqlite_database, CITY).do(NOW)
    with sqlite_database.reading() as records:
        assert sorted(records.scalars(select(PushDay.day))) == days[2:]
        assert list(records.scalars(select(PushMonth.month))) == [date(2026, 11, 1)]
