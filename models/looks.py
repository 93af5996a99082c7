"""谁看过我的资料: each view, unmasking and export of what an account may see, from the audit trail.

A person learns what was done, by which role, on which day and what for. Not who: a member of staff
is named to the auditors alone. Nor the reason as it was written, which may speak of others: its
purpose, one of a few words, chosen when the record was opened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from models.audit import AuditEvent
from models.people import person_of
from models.progress import own_applications, tail

What = Literal["seen", "unmasked", "exported", "told", "decided", "handed", "handled"]
PURPOSES = (
    "review", "collection", "correction", "complaint", "request", "fault", "audit", "law", "other",
)  # fmt: skip
ROLES = (
    "officer", "reviewer", "supervisor", "clerk", "desk_agent", "administrator", "auditor",
    "operator", "staff",
)  # fmt: skip

_WHAT: Mapping[str, What] = MappingProxyType(
    {
        "view": "seen",
        "show": "unmasked",
        "unmask": "unmasked",
        "export": "exported",
        **dict.fromkeys(("decided", "undone", "agreed", "declined", "agreement_undone"), "decided"),
        "hand_out": "handed",
        "told": "told",
    }
)


@dataclass(frozen=True, slots=True)
class Look:
    """One audited act on a record. `number_tail` says of which application; "" for the person."""

    at: datetime
    what: What
    role: str  # of ROLES
    purpose: str  # of PURPOSES
    number_tail: str


def looks_at(records: Records, account: str) -> list[Look]:
    """Every act on what this account may be told of, the latest first.

    An act that nobody has a word for is `handled`: nothing is left out.
    """
    person = person_of(records, account)
    tails = {f"application:{a.id}": tail(a.number) for a in own_applications(records, account)}
    if person is not None:
        tails[f"person:{person.id}"] = ""
    events = _acts_on(records, list(tails))
    return [_look(event, tails[event.subject]) for event in events]


def _acts_on(records: Records, subjects: Sequence[str]) -> Sequence[AuditEvent]:
    mine = select(AuditEvent).where(AuditEvent.subject.in_(subjects))
    return records.scalars(mine.order_by(AuditEvent.id.desc())).all()


def _look(event: AuditEvent, number_tail: str) -> Look:
    purpose = event.detail.get("purpose")
    return Look(
        at=event.at,
        what=_WHAT.get(event.act.rpartition(".")[2], "handled"),
        role=_role(event),
        purpose=purpose if purpose in PURPOSES else "other",
        number_tail=number_tail,
    )


def _role(event: AuditEvent) -> str:
    """As the event says; else whoever has a shell on the machine operates it."""
    role = event.detail.get("role")
    if role in ROLES:
        return str(role)
    return "operator" if event.actor.startswith("cli:") else "staff"
