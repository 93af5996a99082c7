"""`review_items`: one row for each application that is, or was, before an officer.

The queue's own columns, so that *Next* and the list read one narrow table by its indexes, whatever
its size. The row follows the application in the transaction of each move
(`models.review.arrivals`).
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    Index,
    Select,
    String,
    and_,
    literal_column,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.applications import Application
from models.records import ID_LENGTH, Record
from models.staff import Staff


class Task(StrEnum):
    """What an officer is asked."""

    REVIEW = "review"  # a first or later round of the review
    PROVINCE = "province"  # the province sent it back
    HANDOVER = "handover"  # it could not be handed over as it is
    PRODUCTION = "production"  # the card could not be made, again and again
    BANK = "bank"  # the bank opened no account
    CANCEL = "cancel"  # the person withdraws what was approved


class Lane(StrEnum):
    """How much there is to look at; computed on arrival, with its reasons."""

    AGREES = "agrees"
    LOOK = "look"
    DIFFICULT = "difficult"


class Status(StrEnum):
    """Where a row stands. `holder` and `until` go with it."""

    WAITING = "waiting"  # anybody of the district may take it
    RESERVED = "reserved"  # kept for `holder` until `until`, then WAITING
    CLAIMED = "claimed"  # `holder` looks at it; at `until` it goes back
    HELD = "held"  # put aside by `holder`; at `until` it is RESERVED for them
    DECIDED = "decided"  # by `holder`; not in effect yet
    GONE = "gone"  # decided for good, or withdrawn; `holder` was the last


_OPEN = text("status <> 'gone'")
_WAITING = text("status = 'waiting'")
_TIMED = text("status IN ('reserved', 'claimed', 'held')")
_ASIDE = text("status <> 'gone' AND status <> 'waiting'")


def _index(name: str, *columns: str, where: Any) -> Index:
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


class ReviewItem(Record):
    """One application before the officers. `stay` counts how often it came: a decision is made once
    in each. `promised` is the day it must be decided by, `reasons` are codes of why it is in its
    lane (see `models.review.lanes`)."""

    __tablename__ = "review_items"
    __table_args__ = (
        _index(
            "ix_review_waiting", "lane", "promised", "arrived_at", "application_id", where=_WAITING
        ),
        _index(
            "ix_review_waiting_district",
            *("district", "lane", "promised", "arrived_at", "application_id"),
            where=_WAITING,
        ),
        _index("ix_review_open", "promised", "arrived_at", "application_id", where=_OPEN),
        _index(
            "ix_review_open_district",
            *("district", "promised", "arrived_at", "application_id"),
            where=_OPEN,
        ),
        _index("ix_review_holder", "holder", "status", "promised", where=_ASIDE),
        _index(
            "ix_review_status", "status", "promised", "arrived_at", "application_id", where=_ASIDE
        ),
        _index("ix_review_until", "until", where=_TIMED),
    )

    application_id: Mapped[str] = mapped_column(
        String(ID_LENGTH), ForeignKey("applications.id"), primary_key=True
    )
    stay: Mapped[int] = mapped_column(default=1)
    round: Mapped[int]
    task: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(16))
    district: Mapped[str] = mapped_column(String(32))
    lane: Mapped[str] = mapped_column(String(16))
    reasons: Mapped[list[Any]] = mapped_column(JSON)
    promised: Mapped[date]
    arrived_at: Mapped[datetime]
    holder: Mapped[str | None] = mapped_column(String(ID_LENGTH))  # a member of staff
    until: Mapped[datetime | None]


ORDER = (ReviewItem.promised, ReviewItem.arrived_at, ReviewItem.application_id)
"""The oldest promise first; of one day, who came first."""


def is_(status: Status) -> ColumnElement[bool]:
    """Written out and not bound, with what the index of such rows says of them: else no database
    uses a partial index."""
    stands = ReviewItem.status == literal_column(f"'{status.value}'")
    if status in (Status.WAITING, Status.GONE):
        return stands
    return and_(stands, is_aside())


def is_open() -> ColumnElement[bool]:
    """Still before the officers; written out for the same reason."""
    return ReviewItem.status != literal_column("'gone'")


def is_aside() -> ColumnElement[bool]:
    """In somebody's hands, or decided by them."""
    return and_(is_open(), ReviewItem.status != literal_column("'waiting'"))


def is_timed() -> ColumnElement[bool]:
    """Whether `until` counts."""
    timed = (Status.RESERVED, Status.CLAIMED, Status.HELD)
    return ReviewItem.status.in_([literal_column(f"'{status.value}'") for status in timed])


def sees(staff: Staff, district: str) -> bool:
    """Whether a member of staff works on applications of this district."""
    return not staff.districts or district in staff.districts


def find_item(records: Records, application_id: str) -> ReviewItem | None:
    """The row of an application, or None."""
    return records.get(ReviewItem, application_id)


def lock(records: Records, application_id: str) -> tuple[Application, ReviewItem] | None:
    """The application and its row, locked until the transaction ends; None where there is no such
    row. Always in this order, as a move locks them."""
    application = records.scalar(_application(application_id).with_for_update())
    row = select(ReviewItem).where(ReviewItem.application_id == application_id)
    item = records.scalar(row.with_for_update().execution_options(populate_existing=True))
    return (application, item) if application is not None and item is not None else None


def lock_if_free(records: Records, application_id: str) -> Application | None:
    """The application, locked, unless somebody else has it at this moment."""
    return records.scalar(_application(application_id).with_for_update(skip_locked=True))


def _application(application_id: str) -> Select[Application]:
    found = select(Application).where(Application.id == application_id)
    return found.execution_options(populate_existing=True)
