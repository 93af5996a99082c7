"""The audit trail: who looked at or changed what, and why. Rows are only ever added.

Triggers of the database refuse to change or delete them, and `models.audit_chain` shows it where
somebody has done so all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, BigInteger, Integer, String, select
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.audit_chain import link_at_commit
from models.records import Record

Act = Literal[
    "application.view",
    "application.show",
    "application.told",
    "application.unmask",
    "application.decided",
    "application.undone",
    "application.agreed",
    "application.declined",
    "application.agreement_undone",
    "application.handed_over",
    "portrait.view",
    "card.arrived",
    "card.sent",
    "card.posted",
    "card.hand_out",
    "card.switch_on",
    "card.bank_on",
    "console.unmask",
    "handover.again",
    "handover.export",
    "handover.try_again",
    "handover.back",
    "content.propose",
    "content.publish",
    "content.refuse",
    "content.export",
    "push.list",
    "push.keep",
    "push.retire",
    "push.propose",
    "push.withdraw",
    "push.approve",
    "push.refuse",
    "push.pause",
    "push.resume",
    "push.stop",
    "push.again",
    "push.trial",
    "push.link",
    "push.answers",
    "push.silent",
    "push.export",
    "staff.sign_in",
    "staff.sign_in_failed",
    "staff.password",
    "staff.recovery_codes",
    "staff.add",
    "staff.duties_before",
    "staff.duties",
    "staff.disable",
    "staff.reset",
    "audit.export",
    "log.anchor",
    "push.begin",
    "system.key",
    "system.out",
]
"""Every act that the service writes, or once wrote; the console has a word for each."""


class AuditEvent(Record):
    """One audited act. `subject` is an id (`application:<id>`); nothing personal in any column."""

    __tablename__ = "audit_events"

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(100), index=True)
    act: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(100), index=True)
    reason: Mapped[str] = mapped_column(String(500))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)


def audit(
    records: Records,
    *,
    actor: str,
    act: str,
    subject: str,
    reason: str,
    now: datetime,
    detail: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Note an act before it is done. Raises ValueError without a reason."""
    if not reason.strip():
        raise ValueError("an audited act needs a reason")
    event = AuditEvent(
        at=now, actor=actor, act=act, subject=subject, reason=reason, detail=dict(detail or {})
    )
    records.add(event)
    records.flush()
    link_at_commit(records, event)
    return event


def audit_of(records: Records, subject: str) -> list[AuditEvent]:
    """Every audited act on one subject, the earliest first."""
    mine = select(AuditEvent).where(AuditEvent.subject == subject)
    return list(records.scalars(mine.order_by(AuditEvent.id)).all())
