"""Cards that go to a branch that closes: sent elsewhere when their holder says so, else by the
clock.

As long as the card is not ordered, the order will name another branch. A card that was ordered, or
has come, is sent on by the branch that has it (`models.card_moves`). From the day on which a branch
closes, the bank carries what lies there or still comes to the branch that goes on for it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from sqlalchemy import exists, select
from sqlalchemy.orm import Session as Records

from config.city import Branch
from models.application_states import Actor, State
from models.applications import Application, note
from models.card_moves import CardMove, open_move
from models.collection import ON_THE_WAY, ask_move, put_at
from models.database import one_worker_at_a_time
from models.lifecycle import Lifecycle
from models.passes import end_passes

NOT_ORDERED = (
    State.SUBMITTED,
    State.RESUBMITTED,
    State.UNDER_REVIEW,
    State.RETURNED,
    State.ON_HOLD,
    State.APPROVED,
    State.CANCEL_REQUESTED,
    State.PROVINCE_RETURNED,
    State.BANK_FAILED,
)
GOING = (*NOT_ORDERED, *ON_THE_WAY, State.READY_FOR_PICKUP)
"""Where an application stands whose card goes to its branch, or waits there."""

Moved = Literal["changed", "asked", "sent", "elsewhere", "over"]
"""changed: the order will name the other branch · asked: the card is sent on from where it is, or
comes · sent: it is on its way to another already · elsewhere: it does not go to that branch any
more · over: it is collected, posted, or ended."""
BY = "timer:closing"
BATCH = 200
_LEFT = exists().where(
    CardMove.application_id == Application.id,
    CardMove.ended_at.is_(None),
    CardMove.sent_at.is_not(None),
)


# --- as somebody says --------------------------------------------------------------------------


def move_to(
    records: Records,
    life: Lifecycle,
    application: Application,
    closing: str,
    to: str,
    now: datetime,
) -> Moved:
    """Its holder wants a card that goes to the branch `closing` to go to another (both by code).
    The application is held by the caller."""
    if application.state not in GOING or application.delivery == "post":
        return "over"
    move = open_move(records, application.id)
    if move is not None and move.sent_at is not None:
        return "sent"
    if application.branch != closing:
        return "elsewhere"
    if application.state in NOT_ORDERED:
        put_at(records, life.keys, application, to, Actor.CITIZEN, now)
        return "changed"
    ask_move(records, application, to, now, move_id=life.new_id())
    return "asked"


# --- by the clock ------------------------------------------------------------------------------


def follow(records: Records, life: Lifecycle, now: datetime, most: int = BATCH) -> int:
    """Send on, and tell, up to `most` whose branch has closed. Returns how many."""
    today = now.astimezone(life.city.tz).date()
    closed = [branch.code for branch in life.city.branches if not branch.is_open(today)]
    if not closed:
        return 0
    one_worker_at_a_time(records, BY)
    there = (
        Application.branch.in_(closed),
        Application.delivery != "post",
        Application.state.in_([state.value for state in GOING]),
        ~_LEFT,
    )
    found = select(Application).where(*there).order_by(Application.state_since, Application.id)
    held = found.limit(most).with_for_update(skip_locked=True, of=Application)
    cards = list(records.scalars(held))
    for application in cards:
        _move_on(records, life, application, now)
    return len(cards)


def settle_branch(
    records: Records, life: Lifecycle, application: Application, comes: date, now: datetime
) -> None:
    """Before it is handed over: no order names a branch that is closed when the card `comes`."""
    known = {branch.code: branch for branch in life.city.branches}
    branch = known.get(application.branch)
    if branch is None or application.delivery == "post" or branch.closes_on is None:
        return
    move = open_move(records, application.id)
    if move is not None:  # asked for while an earlier order was under way
        move.ended_at, move.ended = now, "dropped"
        put_at(records, life.keys, application, move.to_branch, Actor.TIMER, now, by=BY)
    elif not branch.is_open(comes):
        _move_on(records, life, application, now)


def _move_on(records: Records, life: Lifecycle, application: Application, now: datetime) -> None:
    city, today = life.city, now.astimezone(life.city.tz).date()
    old = city.branch(application.branch)
    to = city.instead_of(old, today)
    move = open_move(records, application.id)
    if application.state == State.READY_FOR_PICKUP:
        to = _carried(records, life, application, move, to, now)
    else:
        put_at(records, life.keys, application, to.code, Actor.TIMER, now, by=BY)
        _from_there(move, to, now)
    note(
        records, application, "branch_closed", Actor.TIMER, now,
        by=BY, reason=old.code, to=to.code,
    )  # fmt: skip
    life.tell(
        records,
        application,
        "branch_closed",
        now,
        matter=f"branch:{application.id}",
        place=to,
    )


def _carried(
    records: Records,
    life: Lifecycle,
    application: Application,
    move: CardMove | None,
    to: Branch,
    now: datetime,
) -> Branch:
    """What lies in a branch that closes leaves it: to where its holder asked, else to `to`."""
    if move is None:
        move = CardMove(
            id=life.new_id(),
            application_id=application.id,
            from_branch=application.branch,
            to_branch=to.code,
            asked_at=now,
            ended="",
        )
        records.add(move)
    move.sent_at = now
    end_passes(records, application.id, "moved", now)
    note(records, application, "move_sent", Actor.TIMER, now, by=BY, to=move.to_branch)
    return next((b for b in life.city.branches if b.code == move.to_branch), to)


def _from_there(move: CardMove | None, to: Branch, now: datetime) -> None:
    """A card that is still to come comes to `to`: what was asked for begins there, or is done."""
    if move is None:
        return
    if move.to_branch == to.code:
        move.ended_at, move.ended = now, "dropped"
    else:
        move.from_branch = to.code
