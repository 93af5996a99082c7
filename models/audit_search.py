"""Searching the audit trail: by who, what, which act and day; the latest first, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlalchemy.orm import Session as Records

from models.audit import AuditEvent
from models.database import Database

BATCH = 500


@dataclass(frozen=True, slots=True)
class Search:
    """What is wanted; "" and None: anything. `act` ending in a dot: every act of a topic. The days
    are the city's, both included."""

    actor: str = ""
    subject: str = ""
    act: str = ""
    since: date | None = None
    until: date | None = None

    def found(
        self, records: Records, tz: ZoneInfo, *, before: int | None, limit: int
    ) -> Sequence[AuditEvent]:
        """At most `limit` rows with an id below `before`."""
        rows = select(AuditEvent)
        for column, value in ((AuditEvent.actor, self.actor), (AuditEvent.subject, self.subject)):
            rows = rows.where(column == value) if value else rows
        rows = self._days(self._acts(rows), tz)
        if before is not None:
            rows = rows.where(AuditEvent.id < before)
        return records.scalars(rows.order_by(AuditEvent.id.desc()).limit(limit)).all()

    def all(self, database: Database, tz: ZoneInfo) -> Iterator[AuditEvent]:
        """Everything found, read in pieces, as of the moment in which each is read."""
        before: int | None = None
        while True:
            with database.reading() as records:
                rows = self.found(records, tz, before=before, limit=BATCH)
            yield from rows
            if len(rows) < BATCH:
                return
            before = rows[-1].id

    def _acts(self, rows: Select[AuditEvent]) -> Select[AuditEvent]:
        if self.act.endswith("."):
            return rows.where(AuditEvent.act.startswith(self.act, autoescape=True))
        return rows.where(AuditEvent.act == self.act) if self.act else rows

    def _days(self, rows: Select[AuditEvent], tz: ZoneInfo) -> Select[AuditEvent]:
        if self.since:
            rows = rows.where(AuditEvent.at >= datetime.combine(self.since, time(), tz))
        if self.until:
            end = datetime.combine(self.until + timedelta(days=1), time(), tz)
            rows = rows.where(AuditEvent.at < end)
        return rows
