"""The case after this one: kept for a person for a few minutes, so that its pictures can be in
their hands before they ask, and in nobody's else who will not see it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session as Records

from models.review.claims import first_free, keep_for
from models.review.items import Status
from models.staff import Staff

KEPT = timedelta(minutes=3)
"""For as long as nobody lingers over a case; then it is everybody's again."""


def keep_ahead(records: Records, staff: Staff, now: datetime) -> str | None:
    """Keep what *Next* will give for this person; None when nothing waits. Where several people
    reach for the same one, each but the first gets another."""
    item = first_free(records, staff)
    if item is None:
        return None
    if item.status == Status.WAITING:
        keep_for(item, staff.id, now + KEPT)
        records.flush()
    return item.application_id
