"""What was decided takes effect, exactly once, whoever dies: the move, its notice and the mark that
it was applied are one transaction, and any number of workers may do it at once."""

from __future__ import annotations

from datetime import datetime, time

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session as Records

from models.application_states import Actor
from models.applications import Application, ForbiddenMove
from models.database import Database
from models.lifecycle import Lifecycle
from models.one_by_one import passing_over
from models.returns import add_return
from models.review.decisions import Decision, drop
from models.review.items import ReviewItem, Status, lock, lock_if_free
from models.review.verdicts import ENDS, Kind

BATCH = 200
ELSEWHERE = "elsewhere"
"""Who drops a decision on what has been moved past the officers."""


def apply_due(database: Database, life: Lifecycle, now: datetime, limit: int = BATCH) -> int:
    """Apply decisions whose time has come, the oldest first; one that cannot be is logged and holds
    up no other. Returns how many."""
    due = select(Decision.id, Decision.application_id).where(_is_due(now))
    with database.reading() as records:
        found = records.execute(due.order_by(Decision.effective_at).limit(limit)).all()
    applied = 0
    for decision_id, application_id in found:
        with passing_over("decision", decision_id):
            applied += _apply(database, life, decision_id, application_id, now)
    return applied


def _is_due(now: datetime) -> ColumnElement[bool]:
    return and_(
        Decision.applied_at.is_(None), Decision.dropped_at.is_(None), Decision.effective_at <= now
    )


def _apply(
    database: Database, life: Lifecycle, decision_id: str, application_id: str, now: datetime
) -> bool:
    with database.writing() as records:
        if lock_if_free(records, application_id) is None:
            return False  # another worker has it, or who undoes it; else the next round finds it
        found = lock(records, application_id)
        decision = records.scalar(select(Decision).where(Decision.id == decision_id, _is_due(now)))
        if decision is None or found is None:
            return False
        application, item = found
        if not decision.is_of(item):  # it left and came anew: that stay has a decision of its own
            drop(decision, ELSEWHERE, now)
            return False
        try:
            with records.begin_nested():
                _move(records, life, application, item, decision, now)
        except ForbiddenMove:  # somebody moved it past the officers: there is nothing to decide
            drop(decision, ELSEWHERE, now)
            item.status = Status.GONE.value
            return False
        decision.applied_at = now
    return True


def _move(
    records: Records,
    life: Lifecycle,
    application: Application,
    item: ReviewItem,
    decision: Decision,
    now: datetime,
) -> None:
    by, kind = f"staff:{decision.by}", Kind(decision.kind)
    if kind is Kind.RETURN:
        add_return(
            records,
            application.id,
            decision.found(),
            round_=application.round,
            by=by,
            now=now,
            return_id=life.new_id(),
        )
    life.advance(
        records,
        application,
        ENDS[kind],
        Actor.OFFICER,
        now,
        by=by,
        reason=decision.reason,
        decision=decision.id,
        quiet=kind is Kind.KEEP,
        second=decision.confirmed_by or "",
    )
    if kind is Kind.KEEP:  # "approved" was told long ago
        life.tell(records, application, "withdrawal_declined", now)
    if kind is Kind.HOLD and decision.until is not None:
        item.status, item.holder, item.stay = Status.HELD.value, decision.by, item.stay + 1
        item.until = datetime.combine(decision.until, time(), life.city.tz)
    records.flush()
