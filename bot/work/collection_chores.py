"""Chores of collection: reminders and sealing by the clock, branches that have closed, passes that
are over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session as Records

from bot.work.housekeeping import HOUR, Chore
from models import correction_timers
from models.branch_closing import follow
from models.collection_timers import do_due
from models.database import Database
from models.lifecycle import Lifecycle
from models.passes import forget_passes

EVERY = timedelta(minutes=10)  # days count, and each round looks at all cards that wait


def all_of(database: Database, some: Callable[[Records], int]) -> int:
    """Do all of them, `some` in each transaction, until there are none. Returns how many."""
    done = 0
    while True:
        with database.writing() as records:
            more = some(records)
        if not more:
            return done
        done += more


def collection_chores(database: Database, life: Lifecycle) -> list[Chore]:
    """All may be done by two workers at once."""

    def due(now: datetime) -> int:
        # A correction has a last day: it is first to have a share of its person's day.
        all_of(database, lambda records: correction_timers.do_due(records, life, now))
        return all_of(database, lambda records: do_due(records, life, now))

    def closed(now: datetime) -> int:
        return all_of(database, lambda records: follow(records, life, now))

    def forget(now: datetime) -> int:
        with database.writing() as records:
            return forget_passes(records, now)

    return [
        Chore("closed branches", EVERY, closed),  # first: nobody is reminded of a card there
        Chore("collection", EVERY, due),
        Chore("old passes", HOUR, forget),
    ]
