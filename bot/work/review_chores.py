"""What the review needs by the clock: decisions take effect, claims end, the queue is counted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session as Records

from bot.work.housekeeping import HOUR, MINUTE, Chore
from models.database import Database
from models.lifecycle import Lifecycle
from models.review.applying import apply_due
from models.review.arrivals import place_missing
from models.review.claims import end_claims
from models.review.places import count_queues
from models.review.rounds import forget_rounds

SECONDS = timedelta(seconds=5)  # so late at most does a decision leave after its minute


def review_chores(database: Database, life: Lifecycle) -> list[Chore]:
    """All of it may be done by several workers at once."""
    kept = timedelta(days=life.city.days.photos)

    def in_records(change: Callable[[Records, datetime], object]) -> Callable[[datetime], object]:
        def do(now: datetime) -> object:
            with database.writing() as records:
                return change(records, now)

        return do

    return [
        Chore("decisions", SECONDS, lambda now: apply_due(database, life, now)),
        Chore("claims that end", MINUTE, lambda now: end_claims(database, life, now)),
        Chore(
            "not in the queue",
            10 * MINUTE,
            lambda now: place_missing(database, life.keys, life.city, now),
        ),
        Chore(
            "sizes of the queue",
            5 * MINUTE,
            in_records(lambda records, now: count_queues(records, life.city, now)),
        ),
        Chore(
            "earlier answers",
            HOUR,
            in_records(lambda records, now: forget_rounds(records, now - kept)),
        ),
    ]
