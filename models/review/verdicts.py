"""What may be decided, and what a decision must say: data, and the checks of what is typed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from config.reasons import Reason
from models.application_states import State
from models.documents import Document
from models.returns import Finding
from models.review.items import Task


class Kind(StrEnum):
    """What is decided."""

    APPROVE = "approve"
    RETURN = "return"
    REFUSE = "refuse"
    HOLD = "hold"
    REOPEN = "reopen"  # the bank is asked again, after a change of bank
    CANCEL = "cancel"  # the person may withdraw
    KEEP = "keep"  # the person may not


_REVIEWED = frozenset({Kind.APPROVE, Kind.RETURN, Kind.REFUSE, Kind.HOLD})
ALLOWED: Mapping[Task, frozenset[Kind]] = MappingProxyType(
    {
        Task.REVIEW: _REVIEWED,
        Task.PROVINCE: _REVIEWED,
        Task.HANDOVER: _REVIEWED,
        Task.PRODUCTION: _REVIEWED,
        Task.BANK: frozenset({Kind.RETURN, Kind.REOPEN}),
        Task.CANCEL: frozenset({Kind.CANCEL, Kind.KEEP}),
    }
)
"""What can be decided on which task; the table of moves allows each of them."""

ENDS: Mapping[Kind, State] = MappingProxyType(
    {
        Kind.APPROVE: State.APPROVED,
        Kind.RETURN: State.RETURNED,
        Kind.REFUSE: State.REFUSED,
        Kind.HOLD: State.ON_HOLD,
        Kind.REOPEN: State.BANK_OPENING,
        Kind.CANCEL: State.CANCELLED,
        Kind.KEEP: State.APPROVED,
    }
)
"""Where each takes the application."""


class VerdictFault(Exception):
    """A decision that says too little or what cannot be. `code`: task · reasons · unknown_reason ·
    outcome · field · rectangle · document · date; `about` names the reason's code where one is."""

    def __init__(self, code: str, about: str = "") -> None:
        super().__init__(f"{code} {about}".strip())
        self.code, self.about = code, about


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an officer decides. `findings`: why it is returned or refused, one at least; `until`:
    the day on which what is held comes back; `reason`: a code or two beside it, nothing personal.
    """

    kind: Kind
    findings: tuple[Finding, ...] = ()
    until: date | None = None
    reason: str = ""

    @property
    def codes(self) -> str:
        """The reasons, as the log keeps them."""
        return ",".join([f.code for f in self.findings] or ([self.reason] if self.reason else []))


def check_verdict(
    records: Records,
    verdict: Verdict,
    *,
    task: Task,
    application_id: str,
    reasons: Mapping[str, Reason],
    today: date,
    hold_days: int,
) -> None:
    """Raises VerdictFault."""
    if verdict.kind not in ALLOWED[task]:
        raise VerdictFault("task")
    if verdict.kind in (Kind.RETURN, Kind.REFUSE):
        _check_findings(records, verdict, application_id, reasons)
    elif verdict.findings:
        raise VerdictFault("reasons")
    if verdict.kind is Kind.HOLD:
        if verdict.until is None or not today < verdict.until <= today + timedelta(days=hold_days):
            raise VerdictFault("date")
    elif verdict.until is not None:
        raise VerdictFault("date")


def _check_findings(
    records: Records, verdict: Verdict, application_id: str, reasons: Mapping[str, Reason]
) -> None:
    if not verdict.findings:
        raise VerdictFault("reasons")
    documents = _documents_of(records, application_id)
    for finding in verdict.findings:
        reason = reasons.get(finding.code)
        if reason is None:
            raise VerdictFault("unknown_reason", finding.code)
        if reason.outcome != verdict.kind:
            raise VerdictFault("outcome", finding.code)
        if finding.field not in reason.fields:
            raise VerdictFault("field", finding.code)
        _check_mark(finding, documents)


def _check_mark(finding: Finding, documents: Collection[str]) -> None:
    if finding.document and finding.document not in documents:
        raise VerdictFault("document", finding.code)
    if finding.rectangle is None:
        return
    left, top, width, height = finding.rectangle
    inside = left >= 0 and top >= 0 and left + width <= 1 and top + height <= 1
    if not (finding.document and inside and width > 0 and height > 0):
        raise VerdictFault("rectangle", finding.code)


def _documents_of(records: Records, application_id: str) -> set[str]:
    mine = select(Document.id).where(Document.application_id == application_id)
    return set(records.scalars(mine))
