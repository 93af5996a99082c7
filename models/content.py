"""What staff change of what residents are told, in editions: written by one, published by another.

A part (branches, fees, answers …) has a row for each edition. A draft is its author's alone; once
proposed, the words of a row never change. The latest published one whose day has come is in force;
without one, what the city's files say. Days go only forward: a draft is begun from the edition that
was published last, also where its day is still to come, and holds no earlier than that one. A
roll-back is a new edition with the words of an old one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Integer, String, select
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.records import Record

DRAFT, PROPOSED, PUBLISHED, REFUSED = "draft", "proposed", "published", "refused"


class NotTheirs(Exception):
    """Whoever wrote an edition does not publish it."""


class AlreadyDecided(Exception):
    """Somebody has published or refused it meanwhile."""


class Outdated(Exception):
    """The part was published in other words since this edition was begun: it would undo them."""


class TooEarly(Exception):
    """The edition that was published last holds from a later day: it would be undone before, or
    undo this one after."""


class Edition(Record):
    """One part in new words. `value` is what the profile would hold, as JSON; `rests_on` the
    edition that was published last when it was begun, None for the city's files."""

    __tablename__ = "content_editions"

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    part: Mapped[str] = mapped_column(String(32), index=True)
    value: Mapped[Any] = mapped_column(JSON)
    rests_on: Mapped[int | None]
    note: Mapped[str] = mapped_column(String(200), default="")
    valid_from: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(16))
    written_by: Mapped[str] = mapped_column(String(100))
    written_at: Mapped[datetime]
    decided_by: Mapped[str] = mapped_column(String(100), default="")
    decided_at: Mapped[datetime | None]


# --- writing -----------------------------------------------------------------------------------


def draft_of(records: Records, part: str, by: str) -> Edition | None:
    """What somebody is writing of a part, or None."""
    mine = (Edition.part == part, Edition.written_by == by, Edition.state == DRAFT)
    return records.scalar(select(Edition).where(*mine).order_by(Edition.id.desc()).limit(1))


def keep_draft(
    records: Records,
    part: str,
    value: Any,
    *,
    by: str,
    now: datetime,
    rests_on: Edition | None,
) -> Edition:
    """Keep how far they are; nobody else sees it. `rests_on`: the edition that was published last
    when its words were read; only looked at where a draft is begun."""
    draft = draft_of(records, part, by)
    if draft is None:
        base = rests_on.id if rests_on else None
        draft = Edition(part=part, rests_on=base, state=DRAFT, written_by=by)
        records.add(draft)
    draft.value, draft.written_at = value, now
    records.flush()
    return draft


def drop_draft(records: Records, part: str, by: str) -> None:
    """They begin anew from what was published last."""
    if (draft := draft_of(records, part, by)) is not None:
        records.delete(draft)
        records.flush()


def propose(
    records: Records, draft: Edition, *, note: str, valid_from: date, today: date, now: datetime
) -> None:
    """Lay a draft before a second person. The caller has seen that its words fit. Raises ValueError
    for a day that is over, TooEarly for one before that of the edition published last."""
    if valid_from < today:
        raise ValueError("what was in force yesterday cannot be changed")
    if _is_too_early(valid_from, last_published(records, draft.part)):
        raise TooEarly(draft.part)
    draft.note, draft.valid_from, draft.state, draft.written_at = note, valid_from, PROPOSED, now
    records.flush()


def publish(records: Records, edition_id: int, *, by: str, now: datetime) -> Edition:
    """Let it hold from its day on. Raises NotTheirs, Outdated, TooEarly, AlreadyDecided,
    KeyError."""
    _lock_part_of(records, edition_id)
    edition = _proposed(records, edition_id)
    if edition.written_by == by:
        raise NotTheirs(by)
    last = last_published(records, edition.part)
    if edition.rests_on != (last.id if last else None):
        raise Outdated(edition.part)
    if edition.valid_from is None or _is_too_early(edition.valid_from, last):
        raise TooEarly(edition.part)
    return _decide(records, edition, PUBLISHED, by, now)


def refuse(records: Records, edition_id: int, *, by: str, now: datetime) -> Edition:
    """It will not hold; its author may take it back in the same way. Raises AlreadyDecided,
    KeyError."""
    return _decide(records, _proposed(records, edition_id), REFUSED, by, now)


# --- reading -----------------------------------------------------------------------------------


def in_force(records: Records, today: date) -> Mapping[str, Edition]:
    """The edition of each part that holds today; a part without one is as the files say."""
    published = (
        select(Edition)
        .where(Edition.state == PUBLISHED, Edition.valid_from <= today)
        .order_by(Edition.valid_from, Edition.decided_at, Edition.id)
    )
    return {edition.part: edition for edition in records.scalars(published)}


def changes(records: Records, today: date) -> Mapping[str, Any]:
    """What holds otherwise today than in the city's files, by part."""
    return {part: edition.value for part, edition in in_force(records, today).items()}


def history(records: Records, part: str, limit: int = 50) -> Sequence[Edition]:
    """The editions of a part that were ever proposed, the latest first."""
    mine = select(Edition).where(Edition.part == part, Edition.state != DRAFT)
    return records.scalars(mine.order_by(Edition.id.desc()).limit(limit)).all()


def waiting(records: Records) -> Sequence[Edition]:
    """What waits for a second person, the earliest first."""
    mine = select(Edition).where(Edition.state == PROPOSED).order_by(Edition.id)
    return records.scalars(mine).all()


def last_published(records: Records, part: str) -> Edition | None:
    """The edition that holds in the end: the last published, whatever its day."""
    theirs = select(Edition).where(Edition.part == part, Edition.state == PUBLISHED)
    order = (Edition.valid_from.desc(), Edition.decided_at.desc(), Edition.id.desc())
    return records.scalar(theirs.order_by(*order).limit(1))


def _is_too_early(valid_from: date, last: Edition | None) -> bool:
    return last is not None and last.valid_from is not None and valid_from < last.valid_from


def _lock_part_of(records: Records, edition_id: int) -> None:
    """Of two editions of a part, published at once, the second sees the first. All rows, in one
    order: none waits for one that waits for it."""
    part = select(Edition.part).where(Edition.id == edition_id).scalar_subquery()
    rows = select(Edition.id).where(Edition.part == part).order_by(Edition.id)
    records.execute(rows.with_for_update()).all()


def _proposed(records: Records, edition_id: int) -> Edition:
    edition = records.scalar(select(Edition).where(Edition.id == edition_id).with_for_update())
    if edition is None or edition.state == DRAFT:
        raise KeyError(edition_id)
    if edition.state != PROPOSED:
        raise AlreadyDecided(edition.state)
    return edition


def _decide(records: Records, edition: Edition, state: str, by: str, now: datetime) -> Edition:
    edition.state, edition.decided_by, edition.decided_at = state, by, now
    records.flush()
    return edition
