"""Figures for who runs the service: how old the queue is, where people stop, what lies where.

Counts alone; nobody is named. Each is one statement over an index, and may be some seconds old.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session as Records

from models.application_states import State
from models.applications import Application
from models.drafts import DraftRow
from models.promises import REVIEWED

LONGEST = 5  # days to the promise that are told apart; what has longer is one bar

UNDER_WAY = tuple(
    state
    for state in State
    if state
    in {
        State.APPROVED, State.CANCEL_REQUESTED, State.SENT_TO_PROVINCE, State.PROVINCE_CHECKING,
        State.PROVINCE_RETURNED, State.BANK_OPENING, State.BANK_FAILED, State.IN_PRODUCTION,
        State.PRODUCTION_FAILED, State.PRODUCED, State.MAILED, State.MAIL_RETURNED,
        State.READY_FOR_PICKUP,
    }
)  # fmt: skip


def queue_by_days_left(
    records: Records, today: date, districts: Collection[str] = ()
) -> Mapping[int, int]:
    """How many applications wait for the review, by the calendar days left to the promised one:
    -1 (over) to `LONGEST` (that many or more). Of these districts; none: of all."""
    by = Application.promise_review_by
    mine = (Application.state.in_(REVIEWED), _of(districts))
    waiting = select(by, func.count()).where(*mine).group_by(by)
    left: Counter[int] = Counter(dict.fromkeys(range(-1, LONGEST + 1), 0))
    for day, count in records.execute(waiting):
        left[max(-1, min(LONGEST, (day - today).days))] += count
    return left


@dataclass(frozen=True, slots=True)
class Reached:
    """Drafts of one form that came as far as a section (counted from 1), and what became of those
    that came no farther. `open`: still being filled in."""

    section: int
    came_here: int
    went_on: int
    open: int
    given_up: int  # cancelled, expired or lost


def funnel(records: Records, form: str, sections: int, since: datetime) -> Sequence[Reached]:
    """How far the drafts came that were begun since then, a line for each section."""
    far = (
        select(DraftRow.reached, DraftRow.ended_how, func.count())
        .where(DraftRow.form == form, DraftRow.started_at >= since)
        .group_by(DraftRow.reached, DraftRow.ended_how)
    )
    ends: dict[int, Counter[str]] = {n: Counter() for n in range(1, sections + 1)}
    for reached, how, count in records.execute(far):
        ends[max(1, min(sections, reached))][how or "open"] += count
    lines = []
    for section, here in ends.items():
        came = sum(theirs.total() for n, theirs in ends.items() if n >= section)
        submitted = here["submitted"] if section == sections else 0
        went_on = came - here.total() + submitted
        lines.append(Reached(section, came, went_on, here["open"], came - went_on - here["open"]))
    return lines


@dataclass(frozen=True, slots=True)
class Stage:
    """What lies in one state, and since when the oldest of it does (None: nothing)."""

    state: State
    count: int
    oldest: datetime | None

    def days(self, now: datetime) -> int | None:
        return None if self.oldest is None else (now - self.oldest) // timedelta(days=1)


def stages(records: Records, districts: Collection[str] = ()) -> Sequence[Stage]:
    """From the approval to the hand: how much lies in each state."""
    lying = (
        select(Application.state, func.count(), func.min(Application.state_since))
        .where(Application.state.in_([state.value for state in UNDER_WAY]), _of(districts))
        .group_by(Application.state)
    )
    found = {state: (count, oldest) for state, count, oldest in records.execute(lying)}
    return [Stage(state, *found.get(state.value, (0, None))) for state in UNDER_WAY]


def _of(districts: Collection[str]) -> ColumnElement[bool]:
    return Application.district.in_(districts) if districts else true()
