"""Those where everything agrees: some are claimed together, looked through at one glance and
approved with one key. Only what stood on the screen can be approved so: each picture is noted when
it was opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.documents import Document
from models.lifecycle import Lifecycle
from models.records import ID_LENGTH, Record
from models.review.claims import NotHeld, claims_of, held_by, next_for
from models.review.decisions import SECOND_LOOK, Decision, Settled, put_down, undo
from models.review.items import Lane, ReviewItem
from models.review.second import is_drawn
from models.review.verdicts import Kind, Verdict
from models.staff import Staff

APPROVED = Verdict(Kind.APPROVE)


class OpenedPicture(Record):
    """A picture that a member of staff had before them."""

    __tablename__ = "opened_pictures"

    document_id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    staff_id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    application_id: Mapped[str] = mapped_column(ForeignKey("applications.id"), index=True)
    at: Mapped[datetime]


class NotOpened(Exception):
    """Pictures that were not looked at: `missing` holds their ids by application."""

    def __init__(self, missing: Mapping[str, Sequence[str]]) -> None:
        super().__init__(f"{len(missing)} applications")
        self.missing = missing


def agreeing(
    records: Records,
    life: Lifecycle,
    staff: Staff,
    now: datetime,
    limit: int | None = None,
    *,
    until: datetime | None = None,
) -> list[ReviewItem]:
    """Up to `limit` (else the city's number) of those that agree, claimed by this person: what they
    have of that lane already, then the oldest promises, until the end of the shift (or `until`)."""
    wanted = life.city.review.batch if limit is None else limit
    mine = [item for item in claims_of(records, staff) if item.lane == Lane.AGREES][:wanted]
    while len(mine) < wanted:
        found = next_for(records, life, staff, now, lane=Lane.AGREES, until=until)
        if found is None:
            break
        mine.append(found)
    return mine


def opened(records: Records, staff: Staff, document_id: str, now: datetime) -> None:
    """Note that a picture of an application was shown to this person; again changes nothing."""
    document = records.get(Document, document_id)
    if document is None or document.application_id is None:
        return
    if records.get(OpenedPicture, (document_id, staff.id)) is not None:
        return
    row = OpenedPicture(
        document_id=document_id,
        staff_id=staff.id,
        application_id=document.application_id,
        at=now,
    )
    try:
        with records.begin_nested():
            records.add(row)
    except IntegrityError:  # the same picture came twice at once
        pass


def not_opened(
    records: Records, staff: Staff, application_ids: Sequence[str]
) -> dict[str, list[str]]:
    """The pictures of these applications that this person has not had before them."""
    seen = select(OpenedPicture.document_id).where(
        OpenedPicture.staff_id == staff.id, OpenedPicture.application_id.in_(application_ids)
    )
    unseen = select(Document.application_id, Document.id).where(
        Document.application_id.in_(application_ids), Document.id.not_in(seen)
    )
    missing: dict[str, list[str]] = {}
    for application_id, document_id in records.execute(unseen.order_by(Document.id)):
        missing.setdefault(str(application_id), []).append(document_id)
    return missing


def approve_together(
    records: Records,
    life: Lifecycle,
    staff: Staff,
    application_ids: Sequence[str],
    now: datetime,
) -> list[Decision]:
    """Approve all of these, or none: each is claimed by this person, agrees, and its pictures were
    opened. A share of them waits for another person's look. Raises NotHeld, NotOpened."""
    if len(application_ids) > life.city.review.batch:
        raise NotHeld("too many at once")
    items = []
    for application_id in sorted(set(application_ids)):  # one order for all who lock several
        _, item = held_by(records, staff, application_id)
        if item.lane != Lane.AGREES:
            raise NotHeld(application_id)
        items.append(item)
    if missing := not_opened(records, staff, application_ids):
        raise NotOpened(missing)
    batch = life.new_id()
    return [_approve(records, life, staff, item, now, batch) for item in items]


def undo_together(
    records: Records, life: Lifecycle, staff: Staff, batch: str, now: datetime
) -> list[Decision]:
    """Take back what one approved together and is not in effect yet. Raises Settled: nothing is."""
    mine = select(Decision.id).where(
        Decision.batch == batch,
        Decision.by == staff.id,
        Decision.applied_at.is_(None),
        Decision.dropped_at.is_(None),
    )
    ids = records.scalars(mine.order_by(Decision.application_id)).all()
    undone = [undo(records, life, staff, decision_id, now) for decision_id in ids]
    if not undone:
        raise Settled(batch)
    return undone


def _approve(
    records: Records, life: Lifecycle, staff: Staff, item: ReviewItem, now: datetime, batch: str
) -> Decision:
    decision_id = life.new_id()
    drawn = is_drawn(life.keys, decision_id, life.city.review.second_look)
    wants = SECOND_LOOK if drawn else ""
    return put_down(
        records, life, item, staff, APPROVED, now, decision_id, wants=wants, batch=batch
    )
