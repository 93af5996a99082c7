"""Members of staff: who they are, what they may do, and their one session at the console."""

from __future__ import annotations

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from sqlalchemy import JSON, BigInteger, ForeignKey, String, delete, select, update
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.records import ACCOUNT_KEY_LENGTH, ID_LENGTH, Record, Sealed


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
    `branch` is a clerk's own.

    A password that is not their `own` was drawn for them; from `password_until` on an own one must
    be changed, a drawn one is worth nothing. `totp_step` is the last time-step whose code was taken
    (30 s since 1970); a secret that is not `ready` was never confirmed by a code.
    """

    __tablename__ = "staff"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(64))
    roles: Mapped[list[Any]] = mapped_column(JSON)
    districts: Mapped[list[Any]] = mapped_column(JSON)
    branch: Mapped[str] = mapped_column(String(32), default="")
    password_hash: Mapped[str] = mapped_column(String(256))
    password_own: Mapped[bool] = mapped_column(default=True)
    password_until: Mapped[datetime | None]
    totp_secret: Mapped[bytes | None] = mapped_column(Sealed)
    totp_ready: Mapped[bool] = mapped_column(default=False)
    totp_step: Mapped[int] = mapped_column(BigInteger, default=0)
    active: Mapped[bool] = mapped_column(default=True)
    # Where a trial of a push goes: their own account, linked by a code that they typed there.
    account_key: Mapped[str] = mapped_column(String(ACCOUNT_KEY_LENGTH), default="")
    link_hash: Mapped[str] = mapped_column(String(64), default="")
    link_until: Mapped[datetime | None]
    created_at: Mapped[datetime]

    @property
    def by(self) -> str:
        """How the log and the audit name them."""
        return f"staff:{self.id}"

    def has(self, *roles: Role) -> bool:
        """Whether they have one of these roles."""
        return any(role.value in self.roles for role in roles)

    def must_change_password(self, now: datetime) -> bool:
        """Whether they get no further before they have chosen a new one."""
        return not self.password_own or _is_past(self.password_until, now)

    def password_is_void(self, now: datetime) -> bool:
        """Whether a password that was drawn for them was not used in time."""
        return not self.password_own and _is_past(self.password_until, now)


class StaffSession(Record):
    """A browser at the console; found by the hash of its token. Without `staff_id` nobody has
    signed in yet, or not any more: `ended` says why. `values` is what Flask keeps: ids and tokens,
    nothing personal. At `ends_at` the shift is over, busy or not."""

    __tablename__ = "staff_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff_id: Mapped[str | None] = mapped_column(ForeignKey("staff.id"), unique=True)
    values: Mapped[dict[str, Any]] = mapped_column(JSON)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    ended: Mapped[str] = mapped_column(String(16), default="")


Ended = Literal["elsewhere", "idle", "over", "changed"]
"""Signed in somewhere else; too long without a request; the shift is over; what they may do, or
their password, was changed."""


def hash_of(token: str) -> str:
    """Under which a session's token is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def find_session(records: Records, token: str) -> StaffSession | None:
    """The session of a browser's token, or None."""
    return records.get(StaffSession, hash_of(token))


def find_staff(records: Records, login: str) -> Staff | None:
    """The member of staff with this login, or None."""
    return records.scalar(select(Staff).where(Staff.login == login))


def session_of(records: Records, staff_id: str, now: datetime) -> StaffSession | None:
    """The session in which somebody is signed in until `ends_at`, or None."""
    mine = (StaffSession.staff_id == staff_id) & (StaffSession.ends_at > now)
    return records.scalar(select(StaffSession).where(mine))


def end_sessions(records: Records, staff_id: str, why: Ended, *, but: str = "") -> None:
    """Sign somebody out, wherever they are, except where the token's hash is `but`. Their browser
    is told why."""
    theirs = (StaffSession.staff_id == staff_id) & (StaffSession.token_hash != but)
    records.execute(
        update(StaffSession)
        .where(theirs)
        .values(staff_id=None, ended=why, values={})
        .execution_options(synchronize_session="fetch")
    )


def forget_sessions(records: Records, before: datetime) -> int:
    """Delete sessions that were not seen since `before`. Returns how many."""
    gone = delete(StaffSession).where(StaffSession.seen_at < before)
    return len(records.scalars(gone.returning(StaffSession.token_hash)).all())


def _is_past(until: datetime | None, now: datetime) -> bool:
    return until is not None and until <= now
