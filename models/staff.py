"""Members of staff: who they are, what they may do, and their one session at the console."""

from __future__ import annotations

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.records import ID_LENGTH, Record, Sealed


class Role(StrEnum):
    """What a member of staff does. One person may have several."""

    REVIEWER = "reviewer"
    SUPERVISOR = "supervisor"
    CLERK = "clerk"  # hands out cards at one branch
    PUSH_EDITOR = "push_editor"
    PUSH_APPROVER = "push_approver"
    CONTENT_EDITOR = "content_editor"
    DESK_AGENT = "desk_agent"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


class Staff(Record):
    """A member of staff. `districts` are those whose applications they see (codes; none: all),
    `branch` is a clerk's own."""

    __tablename__ = "staff"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(64))
    roles: Mapped[list[Any]] = mapped_column(JSON)
    districts: Mapped[list[Any]] = mapped_column(JSON)
    branch: Mapped[str] = mapped_column(String(32), default="")
    password_hash: Mapped[str] = mapped_column(String(256))
    totp_secret: Mapped[bytes | None] = mapped_column(Sealed)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]

    @property
    def by(self) -> str:
        """How the log and the audit name them."""
        return f"staff:{self.id}"

    def has(self, *roles: Role) -> bool:
        """Whether they have one of these roles."""
        return any(role.value in self.roles for role in roles)


class StaffSession(Record):
    """A browser at the console; found by the hash of its token. Without `staff_id` nobody has
    signed in yet. `values` is what Flask keeps: ids and tokens, nothing personal."""

    __tablename__ = "staff_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"), unique=True)
    values: Mapped[dict[str, Any]] = mapped_column(JSON)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]


def hash_of(token: str) -> str:
    """Under which a session's token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_session(records: Records, token: str) -> StaffSession | None:
    """The session of a browser's token, or None."""
    return records.get(StaffSession, hash_of(token))
