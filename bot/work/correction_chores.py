"""Chores of returned applications: reminders and their end by the clock, photos of what ended."""

from __future__ import annotations

from datetime import datetime

from bot.work.collection_chores import all_of
from bot.work.housekeeping import HOUR, MINUTE, Chore
from models.correction_timers import do_due, expire_photos
from models.database import Database
from models.lifecycle import Lifecycle


def correction_chores(database: Database, life: Lifecycle) -> list[Chore]:
    """Both may be done by two workers at once."""

    def due(now: datetime) -> int:
        return all_of(database, lambda records: do_due(records, life, now))

    def photos(now: datetime) -> int:
        with database.writing() as records:
            return expire_photos(records, life, now)

    return [Chore("corrections", MINUTE, due), Chore("photos of what ended", HOUR, photos)]
