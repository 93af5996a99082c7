"""What can be decided on a case, by which key, and what was decided a moment ago."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from sqlalchemy.orm import Session as Records

from bot.console.desk import Console
from bot.console.review.screen import numbers_of
from bot.console.review.words import DECISIONS
from models.progress import tail
from models.review.decisions import can_be_undone
from models.review.items import Task
from models.review.verdicts import ALLOWED, Kind

KEYS: Mapping[Kind, str] = {
    Kind.APPROVE: "1",
    Kind.RETURN: "2",
    Kind.REFUSE: "3",
    Kind.HOLD: "4",
    Kind.REOPEN: "1",
    Kind.CANCEL: "1",
    Kind.KEEP: "2",
}
"""By the kind of decision; no task allows two of one key."""
ASKS_MORE: Mapping[Kind, str] = {
    Kind.RETURN: "review.findings",
    Kind.REFUSE: "review.findings",
    Kind.HOLD: "review.hold",
}
"""Decisions that a page of their own asks about."""


SHOWN = 2
"""Decisions that a page offers to take back: the last one, by a key, and the one before it."""


@dataclass(frozen=True, slots=True)
class Act:
    """One button. `asks`: the route that asks more first, or none."""

    kind: str
    key: str
    label: str
    asks: str
    is_first: bool


def acts_of(task: str) -> list[Act]:
    """The decisions that a task allows, in the order of their keys."""
    allowed = sorted(ALLOWED[Task(task)], key=lambda kind: KEYS[kind])
    return [
        Act(kind.value, KEYS[kind], DECISIONS[kind], ASKS_MORE.get(kind, ""), KEYS[kind] == "1")
        for kind in allowed
    ]


@dataclass(frozen=True, slots=True)
class Pending:
    """A decision of a moment ago. `seconds`: how long it can be taken back still."""

    id: str
    tail: str
    word: str
    seconds: int


def pending_of(console: Console, records: Records) -> Sequence[Pending]:
    """What this person decided in the last seconds, the latest first. A refusal that waits for a
    second person can be taken back for longer: from the page of refusals."""
    now, wait = console.now(), timedelta(seconds=console.city.review.undo_seconds)
    found = [
        (each, (each.effective_at or each.at + wait) - now)
        for each in can_be_undone(records, console.me, now)
    ]
    recent = [(each, left) for each, left in found if left > timedelta(0)][:SHOWN]
    numbers = numbers_of(records, [each.application_id for each, _ in recent])
    return [
        Pending(
            each.id,
            tail(numbers.get(each.application_id, "")),
            DECISIONS.get(each.kind, each.kind) + ("，等另一位确认" if each.wants else ""),
            ceil(left.total_seconds()),
        )
        for each, left in recent
    ]


def read_day(text: str) -> date | None:
    """A day as the page sends it; None for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
