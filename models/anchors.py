"""The log of the applications, tied to the audit's chain: a digest of its rows is audited daily.

Chaining each row would make every turn of every resident stand in one line. So a row may be changed
unseen for a day at most; later the digest, which is in the chain, does not fit any more.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session as Records

from models.applications import ApplicationEvent as Event
from models.audit import Act, AuditEvent, audit
from models.database import Database

ACT: Act = "log.anchor"
SUBJECT = "application_events"
SETTLED = timedelta(hours=1)  # later than any transaction that drew an earlier id can end
BATCH = 2000


def anchor(database: Database, now: datetime) -> int:
    """Audit a digest of what the log has got since the last time. Returns the number of rows. Two
    at once anchor some rows twice, which does no harm."""
    with database.reading() as records:
        first = _last_anchored(records) + 1
        settled = (Event.id >= first) & (Event.at < now - SETTLED)
        last = records.scalar(select(func.max(Event.id)).where(settled))
    if last is None:
        return 0
    count, digest = _digest(database, first, last)
    with database.writing() as records:
        detail = {"first": first, "last": last, "rows": count, "digest": digest}
        audit(records, actor="timer:anchor", act=ACT, subject=SUBJECT,
              reason="daily", now=now, detail=detail)  # fmt: skip
    return count


def broken_anchor(database: Database) -> str:
    """The first anchor that does not fit the log any more, as a sentence; "" where all do."""
    with database.reading() as records:
        wanted = select(AuditEvent).where(AuditEvent.act == ACT, AuditEvent.subject == SUBJECT)
        anchors = records.scalars(wanted.order_by(AuditEvent.id)).all()
    for row in anchors:
        told = row.detail
        if (told["rows"], told["digest"]) != _digest(database, told["first"], told["last"]):
            return f"the applications' log was changed between rows {told['first']}-{told['last']}"
    return ""


def _last_anchored(records: Records) -> int:
    wanted = select(AuditEvent.detail).where(AuditEvent.act == ACT, AuditEvent.subject == SUBJECT)
    detail = records.scalar(wanted.order_by(AuditEvent.id.desc()).limit(1))
    return int(detail["last"]) if detail else 0


def _digest(database: Database, first: int, last: int) -> tuple[int, str]:
    count, digest = 0, hashlib.sha256()
    for row in _rows(database, first, last):
        at = row.at.astimezone(UTC).isoformat()
        content = [row.id, row.application_id, at, row.actor, row.by, row.reason, row.kind,
                   row.from_state, row.to_state, row.detail]  # fmt: skip
        digest.update(json.dumps(content, ensure_ascii=False, sort_keys=True).encode() + b"\n")
        count += 1
    return count, f"sha256:{digest.hexdigest()}"


def _rows(database: Database, first: int, last: int) -> Iterator[Event]:
    while True:
        batch = select(Event).where(Event.id >= first, Event.id <= last).order_by(Event.id)
        with database.reading() as records:
            rows = records.scalars(batch.limit(BATCH)).all()
        yield from rows
        if len(rows) < BATCH:
            return
        first = rows[-1].id + 1
