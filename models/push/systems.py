"""Other systems that may push by the API: each has a key of its own, of which the hash is kept."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.access_tokens import new_token, well_formed
from models.records import Record


class PushSystem(Record):
    """One system by its name."""

    __tablename__ = "push_systems"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    @property
    def by(self) -> str:
        """How campaigns and the audit name it."""
        return f"system:{self.name}"


def make_key(records: Records, name: str, now: datetime) -> str:
    """A key for a system, new or in place of its last one. The only time it is seen."""
    key = new_token()
    row = records.get(PushSystem, name, with_for_update=True)
    if row is None:
        row = PushSystem(name=name)
        records.add(row)
    row.key_hash, row.made_at, row.revoked_at = _hash(key), now, None
    records.flush()
    return key


def revoke_key(records: Records, name: str, now: datetime) -> bool:
    """The system may push no more. False when there is none that may."""
    row = records.get(PushSystem, name, with_for_update=True)
    if row is None or row.revoked_at is not None:
        return False
    row.revoked_at = now
    records.flush()
    return True


def system_of(records: Records, key: str) -> PushSystem | None:
    """Whose key this is, or None: unknown, malformed, revoked."""
    if not well_formed(key):
        return None
    mine = (PushSystem.key_hash == _hash(key), PushSystem.revoked_at.is_(None))
    return records.scalar(select(PushSystem).where(*mine))


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
