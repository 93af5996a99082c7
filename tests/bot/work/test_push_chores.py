"""What is forgotten of pushes by the clock."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import select

from bot.work.push_chores import past_days
from models.database import Database
from models.push.days import PushDay, PushMonth, take_month, take_place
from tests.models.making import NOW

CITY = ZoneInfo("Asia/Shanghai")


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
