"""The hash chain over the audit trail: each row's link holds a hash of it and of the link before.

A link is written at the very end of the transaction that audits, under a lock that this end alone
takes: so the numbers have no gaps with any number of writers, nobody waits for another's work, and
nobody can hold this lock while waiting for a row.

The hashes are not keyed: an auditor verifies them without a key, and keys change. Who may write the
whole table could therefore compute a chain anew; against that the head is told every day to the
log, which is kept elsewhere, and `verify` is asked whether it still stands in the chain.

The log of the applications (`application_events`) is not in the chain: every turn of every resident
would stand in one line for it. A digest of each day's rows is audited instead (`models.anchors`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Protocol

from sqlalchemy import BigInteger, ForeignKey, String, event, func, insert, inspect, select
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.records import Record

DIGESTS: Mapping[str, Callable[[bytes], Any]] = MappingProxyType(
    {"sha256": hashlib.sha256, "sm3": lambda data: hashlib.new("sm3", data)}
)
"""Each hash names its own (`sha256:…`), so that a chain may go on with another one."""
DIGEST = "sha256"
_LOCK = 0x5EBA0CB
_TO_LINK = "audit rows to link"  # under which a session remembers them


class AuditLink(Record):
    """One link. `seq` counts from 1 without gaps."""

    __tablename__ = "audit_links"

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("audit_events.id"), unique=True)
    hash: Mapped[str] = mapped_column(String(80))


class Row(Protocol):
    """What is hashed: a row of the audit trail (`models.audit.AuditEvent`)."""

    id: Any
    at: Any
    actor: Any
    act: Any
    subject: Any
    reason: Any
    detail: Any


def hash_of_event(before: str, row: Row, digest: str = DIGEST) -> str:
    """The hash of a row after the link whose hash is `before` ("" for the first)."""
    content = {
        "id": row.id,
        "at": _utc(row.at),
        "actor": row.actor,
        "act": row.act,
        "subject": row.subject,
        "reason": row.reason,
        "detail": json.loads(json.dumps(row.detail)),  # as it comes back from the database
        "before": before,
    }
    told = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{digest}:{DIGESTS[digest](told.encode()).hexdigest()}"


def link_at_commit(records: Records, row: Row) -> None:
    """This row, which is in the database already, gets its link when the transaction commits."""
    records.info.setdefault(_TO_LINK, []).append(row)


@event.listens_for(Records, "before_commit")
def _at_commit(records: Records) -> None:
    if records.in_nested_transaction():
        return
    kept = [row for row in records.info.pop(_TO_LINK, ()) if inspect(row).persistent]
    if kept:
        _link(records, kept)


def _link(records: Records, rows: Sequence[Row]) -> None:
    """The last thing in a transaction: others wait from here on."""
    if records.get_bind().dialect.name == "postgresql":  # SQLite has one writer in any case
        records.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    before, head = _head(records)
    links = []
    for seq, row in enumerate(rows, before + 1):
        head = hash_of_event(head, row)
        links.append({"seq": seq, "event_id": row.id, "hash": head})
    records.execute(insert(AuditLink), links)


def _head(records: Records) -> tuple[int, str]:
    last = select(AuditLink.seq, AuditLink.hash).order_by(AuditLink.seq.desc()).limit(1)
    found = records.execute(last).one_or_none()
    return (found[0], found[1]) if found else (0, "")


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
