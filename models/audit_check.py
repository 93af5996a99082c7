"""Whether the audit trail is as it was written: the hash chain walked from its first link."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session as Records

from models.audit import AuditEvent
from models.audit_chain import DIGESTS, AuditLink, hash_of_event
from models.database import Database

BATCH = 1000


@dataclass(frozen=True, slots=True)
class Chain:
    """What `verify` found: how many links are whole, the last one's hash, and the first fault as a
    sentence; "" for none."""

    links: int
    head: str
    fault: str = ""


def verify(database: Database, known_head: str = "") -> Chain:
    """Walk the whole chain. `known_head`: a head told earlier, which must still stand in it."""
    links, head, met = 0, "", not known_head
    for found, row in _walk(database):
        if found.seq != links + 1:
            return Chain(links, head, f"link {links + 1} is missing")
        if row is None:
            return Chain(links, head, f"link {found.seq}: its row {found.event_id} is missing")
        digest = found.hash.partition(":")[0]
        if digest not in DIGESTS or found.hash != hash_of_event(head, row, digest):
            return Chain(links, head, f"link {found.seq}: row {row.id} was changed")
        links, head = found.seq, found.hash
        met = met or head == known_head
    with database.reading() as records:
        loose = _first_loose(records)
    if loose is not None:
        return Chain(links, head, f"row {loose} stands in no link")
    return Chain(links, head, "" if met else "the head that was told stands in it no more")


def _walk(database: Database) -> Iterator[tuple[AuditLink, AuditEvent | None]]:
    last = 0
    while True:
        batch = (
            select(AuditLink, AuditEvent)
            .outerjoin(AuditEvent, AuditEvent.id == AuditLink.event_id)
            .where(AuditLink.seq > last)
            .order_by(AuditLink.seq)
            .limit(BATCH)
        )
        with database.reading() as records:
            rows = [(row[0], row[1]) for row in records.execute(batch)]
        yield from rows
        if len(rows) < BATCH:
            return
        last = rows[-1][0].seq


def _first_loose(records: Records) -> int | None:
    linked = select(AuditLink.seq).where(AuditLink.event_id == AuditEvent.id).exists()
    return records.scalar(select(func.min(AuditEvent.id)).where(~linked))
