"""What pushes need done by the clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.work.housekeeping import HOUR, Chore
from models.births import fill_birth_years
from models.database import Database
from models.push.days import forget_days
from models.sealing import Keyring

_DAY = timedelta(days=1)


def birth_years(database: Database, keys: Keyring) -> Chore:
    """The chore that writes years of birth beside older identity numbers."""
    return Chore("birth years", _DAY, lambda now: fill_birth_years(database, keys))


def past_days(database: Database, tz: ZoneInfo) -> Chore:
    """The chore that forgets what was counted by days and months that are over."""

    def forget(now: datetime) -> int:
        with database.writing() as records:
            forget_days(records, (now - _DAY).astimezone(tz).date())
        return 0

    return Chore("past days of pushes", HOUR, forget)
