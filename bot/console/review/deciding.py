"""What can be decided on a case, by which key, and what was decided a moment ago."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil

from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from bot.console.desk import Console
from bot.console.review.screen import numbers_of
from bot.console.review.words import DECISIONS
from models.progress import tail
from models.review.decisions import CONFIRM, Decision, can_be_undone
from models.review.items import Task
from models.review.verdicts import ALLOWED, Kind
from models.staff import Staff

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
    """A decision of a moment ago. `what` it was about: one application by its tail, or several
    approved together; `seconds`: how long it can be taken back still."""

    id: str
    what: str
    word: str
    seconds: int
    undone_by: str  # the route


def pending_of(console: Console, records: Records) -> Sequence[Pending]:
    """What this person decided or agreed to in the last seconds, the latest first. A refusal that
    waits for a second person can be taken back for longer: from the page of refusals."""
    me, now = console.me, console.now()
    wait = timedelta(seconds=console.city.review.undo_seconds)
    found = [
        (each, (each.effective_at or each.at + wait) - now)
        for each in (*can_be_undone(records, me, now), *_agreed(records, me, now))
    ]
    found.sort(key=lambda pair: pair[1], reverse=True)
    together = Counter(each.batch for each, _ in found if each.batch)
    first = {each.batch or each.id: (each, left) for each, left in reversed(found)}
    recent = [pair for pair in reversed(first.values()) if pair[1] > timedelta(0)][:SHOWN]
    numbers = numbers_of(records, [each.application_id for each, _ in recent])
    return [
        Pending(
            id=each.id,
            what=f"{together[each.batch]} 件一起"
            if each.batch
            else f"尾号 {tail(numbers.get(each.application_id, ''))}",
            word=DECISIONS.get(each.kind, each.kind) + _second(each),
            seconds=ceil(left.total_seconds()),
            undone_by="review.take_back" if each.by == me.id else "review.unconfirm",
        )
        for each, left in recent
    ]


def _agreed(records: Records, me: Staff, now: datetime) -> Sequence[Decision]:
    """Decisions of others that this person agreed to a moment ago."""
    mine = select(Decision).where(
        Decision.effective_at > now,
        Decision.applied_at.is_(None),
        Decision.dropped_at.is_(None),
        Decision.confirmed_by == me.id,
    )
    return records.scalars(mine).all()


def _second(decision: Decision) -> str:
    return "，等另一位确认" if decision.wants == CONFIRM else ""


def read_day(text: str) -> date | None:
    """A day as the page sends it; None for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
