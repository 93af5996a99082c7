"""Chores of collection: reminders and sealing by the clock, branches that have closed, passes that
are over."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.work.housekeeping import HOUR, Chore
from models.branch_closing import follow
from models.collection_timers import do_due
from models.database import Database
from models.lifecycle import Lifecycle
from models.passes import forget_passes

EVERY = timedelta(minutes=10)  # days count, and each round looks at all cards that wait


def collection_chores(database: Database, life: Lifecycle) -> list[Chore]:
    """All may be done by two workers at once."""

    def due(now: datetime) -> int:
        with database.writing() as records:
            return do_due(records, life, now)

    def some(now: datetime) -> int:
        with database.writing() as records:
            return follow(records, life, now)

    def closed(now: datetime) -> int:
        """All of them on the day itself, some in each transaction."""
        moved = 0
        while more := some(now):
            moved += more
        return moved

    def forget(now: datetime) -> int:
        with database.writing() as records:
            return forget_passes(records, now)

    return [
        Chore("closed branches", EVERY, closed),  # first: nobody is reminded of a card there
        Chore("collection", EVERY, due),
        Chore("old passes", HOUR, forget),
    ]
