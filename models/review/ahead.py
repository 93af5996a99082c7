"""The case after this one: kept for a person for a few minutes, so that its pictures can be in
their hands before they ask, and in nobody's else who will not see it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session as Records

from models.review.claims import peek
from models.review.items import ReviewItem, Status, is_
from models.staff import Staff

KEPT = timedelta(minutes=3)
"""For as long as nobody lingers over a case; then it is everybody's again."""
_TRIES = 3


def keep_ahead(records: Records, staff: Staff, now: datetime) -> str | None:
    """Keep what *Next* will give for this person; None when nothing waits. Where several people
    reach for the same one, each but the first gets another."""
    for _ in range(_TRIES):
        found = peek(records, staff)
        if found is None or _is_kept(records, found, staff):
            return found
        kept = (
            update(ReviewItem)
            .where(ReviewItem.application_id == found, is_(Status.WAITING))
            .values(status=Status.RESERVED.value, holder=staff.id, until=now + KEPT)
            .returning(ReviewItem.application_id)
        )
        if records.scalar(kept) is not None:
            return found
    return None


def _is_kept(records: Records, application_id: str, staff: Staff) -> bool:
    item = records.get(ReviewItem, application_id, populate_existing=True)
    return item is not None and item.status == Status.RESERVED and item.holder == staff.id
