"""What pushes need done by the clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.sessions import Spoken
from bot.work.housekeeping import HOUR, MINUTE, Chore
from config.city import City
from models.births import fill_birth_years
from models.database import Database
from models.push.answers import forget_words
from models.push.days import forget_days
from models.sealing import Keyring
from models.uses import note_messages

_DAY = timedelta(days=1)
_AT_ONCE = 500  # accounts of one transaction


def push_chores(database: Database, keys: Keyring, city: City, spoken: Spoken) -> list[Chore]:
    """All of them."""
    return [
        birth_years(database, keys),
        past_days(database, city.tz),
        past_words(database, timedelta(days=city.push.words_days)),
        who_wrote(database, spoken),
    ]


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


def past_words(database: Database, life: timedelta) -> Chore:
    """The chore that deletes what was answered in words so long ago."""

    def forget(now: datetime) -> int:
        forgotten = 0
        while True:
            with database.writing() as records:
                n = forget_words(records, now - life)
            forgotten += n
            if not n:
                return forgotten

    return Chore("past words to pushes", _DAY, forget)


def who_wrote(database: Database, spoken: Spoken) -> Chore:
    """The chore that notes whose chat is open."""

    def note(now: datetime) -> int:
        noted = 0
        while found := spoken.take(_AT_ONCE):
            with database.writing() as records:
                note_messages(records, found)
            spoken.done(found)
            noted += len(found)
        return noted

    return Chore("who wrote", MINUTE, note)
