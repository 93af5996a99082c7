"""What officers decide. Each decision waits, and can be undone, before it moves anything or anybody
is told (`models.review.applying`); a refusal waits for a second person, and so does the share of
those approved together that is drawn for a second look (`models.review.second`).

One decision stands for each stay of an application before the officers: a unique index.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, select, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from config.reasons import Reason
from models.lifecycle import Lifecycle
from models.records import ID_LENGTH, Record
from models.returns import Finding
from models.review.claims import held_by
from models.review.items import ReviewItem, Status, Task, lock
from models.review.verdicts import Kind, Verdict, check_verdict
from models.staff import Staff

CONFIRM, SECOND_LOOK = "confirm", "second_look"
"""What a decision waits for before its time begins: a refusal's second person, a second look."""

_STANDS = text("dropped_at IS NULL")
_DUE = text("applied_at IS NULL AND dropped_at IS NULL")
_SECOND = text("wants <> '' AND confirmed_by IS NULL AND dropped_at IS NULL")


class Settled(Exception):
    """Too late: the decision is in effect, undone, confirmed or declined already."""


class Decision(Record):
    """One decision. `by`, `confirmed_by` and `dropped_by` are ids of staff. `effective_at`: from
    when on it is applied; none while a second person is wanted. Dropped by who made it: undone; by
    another: declined."""

    __tablename__ = "decisions"
    __table_args__ = (
        Index(
            "uq_decisions_standing",
            *("application_id", "stay"),
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
        Index("ix_decisions_due", "effective_at", sqlite_where=_DUE, postgresql_where=_DUE),
        Index("ix_decisions_second", "wants", "at", sqlite_where=_SECOND, postgresql_where=_SECOND),
        Index("ix_decisions_pace", "district", "applied_at"),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    application_id: Mapped[str] = mapped_column(ForeignKey("applications.id"), index=True)
    stay: Mapped[int]
    round: Mapped[int]
    task: Mapped[str] = mapped_column(String(16))
    district: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(16))
    findings: Mapped[list[Any]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(String(200))
    until: Mapped[date | None]  # of a hold
    by: Mapped[str] = mapped_column(String(ID_LENGTH))
    at: Mapped[datetime]
    wants: Mapped[str] = mapped_column(String(16))  # "", CONFIRM or SECOND_LOOK
    confirmed_by: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    effective_at: Mapped[datetime | None]
    dropped_by: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    dropped_at: Mapped[datetime | None]
    applied_at: Mapped[datetime | None]
    batch: Mapped[str | None] = mapped_column(String(ID_LENGTH))  # of those approved together

    def found(self) -> tuple[Finding, ...]:
        return tuple(Finding.from_json(each) for each in self.findings)

    @property
    def is_settled(self) -> bool:
        """Whether nothing can be changed any more."""
        return self.applied_at is not None or self.dropped_at is not None

    def is_of(self, item: ReviewItem) -> bool:
        """Whether the application still waits for this: it has not left or come anew meanwhile."""
        return item.status == Status.DECIDED and item.stay == self.stay


def decide(
    records: Records,
    life: Lifecycle,
    reasons: Mapping[str, Reason],
    staff: Staff,
    application_id: str,
    verdict: Verdict,
    now: datetime,
) -> Decision:
    """Note what is decided on an application that one has claimed; it takes effect later.

    A refusal has no time of its own before a second person agrees. Raises NotHeld, VerdictFault.
    """
    _, item = held_by(records, staff, application_id)
    check_verdict(
        records,
        verdict,
        task=Task(item.task),
        application_id=application_id,
        reasons=reasons,
        today=now.astimezone(life.city.tz).date(),
        hold_days=life.city.review.hold_days,
    )
    return put_down(records, life, item, staff, verdict, now, life.new_id())


def put_down(
    records: Records,
    life: Lifecycle,
    item: ReviewItem,
    staff: Staff,
    verdict: Verdict,
    now: datetime,
    decision_id: str,
    *,
    wants: str = "",
    batch: str | None = None,
) -> Decision:
    """The row of a decision that was checked, and the application out of one's hands. Where a
    decision that fell was drawn for a second look, an approval in its place waits for it too."""
    if verdict.kind is Kind.REFUSE:
        wants = CONFIRM
    elif verdict.kind is Kind.APPROVE and _was_drawn(records, item):
        wants = SECOND_LOOK
    decision = Decision(
        id=decision_id,
        application_id=item.application_id,
        stay=item.stay,
        round=item.round,
        task=item.task,
        district=item.district,
        kind=verdict.kind.value,
        findings=[asdict(finding) for finding in verdict.findings],
        reason=verdict.codes[:200],
        until=verdict.until,
        by=staff.id,
        at=now,
        wants=wants,
        effective_at=None if wants else effective(life, now),
        batch=batch,
    )
    records.add(decision)
    item.status = Status.DECIDED.value
    records.flush()
    return decision


def _was_drawn(records: Records, item: ReviewItem) -> bool:
    """Whether a second look was wanted in this round of the same task: a hold begins another stay
    and changes nothing about it."""
    fell = select(Decision.id).where(
        Decision.application_id == item.application_id,
        Decision.round == item.round,
        Decision.task == item.task,
        Decision.wants == SECOND_LOOK,
        Decision.dropped_at.is_not(None),
    )
    return records.scalar(fell.limit(1)) is not None


def undo(
    records: Records, life: Lifecycle, staff: Staff, decision_id: str, now: datetime
) -> Decision:
    """Take back what one has decided, before it is in effect: the application is claimed again as
    it was. Raises Settled: too late, or not one's own."""
    decision, item = standing(records, decision_id, now)
    if decision.by != staff.id:
        raise Settled(decision_id)
    drop(decision, staff.id, now)
    item.status, item.holder = Status.CLAIMED.value, staff.id
    records.flush()
    return decision


def decisions_of(records: Records, application_id: str) -> list[Decision]:
    """Every decision on an application, dropped ones too, the earliest first."""
    mine = select(Decision).where(Decision.application_id == application_id)
    return list(records.scalars(mine.order_by(Decision.at, Decision.stay)))


def can_be_undone(records: Records, staff: Staff, now: datetime) -> list[Decision]:
    """What this person can take back at this moment, the latest first."""
    mine = select(Decision).where(
        Decision.by == staff.id, Decision.applied_at.is_(None), Decision.dropped_at.is_(None)
    )
    found = records.scalars(mine.order_by(Decision.at.desc()))
    return [each for each in found if each.effective_at is None or now < each.effective_at]


# --- for the other rules ------------------------------------------------------------------------


def standing(records: Records, decision_id: str, now: datetime) -> tuple[Decision, ReviewItem]:
    """A decision that can still be changed, and its application's row, locked. Raises Settled; for
    one of an earlier stay too."""
    decision = records.get(Decision, decision_id)
    found = lock(records, decision.application_id) if decision else None
    if decision is None or found is None:
        raise Settled(decision_id)
    records.refresh(decision)
    late = decision.effective_at is not None and decision.effective_at <= now
    if decision.is_settled or late or not decision.is_of(found[1]):
        raise Settled(decision_id)
    return decision, found[1]


def drop(decision: Decision, by: str, now: datetime) -> None:
    """It does not stand any more."""
    decision.dropped_by, decision.dropped_at = by, now


def effective(life: Lifecycle, now: datetime) -> datetime:
    """From when on something that is decided now is applied."""
    return now + timedelta(seconds=life.city.review.undo_seconds)
