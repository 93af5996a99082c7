"""Drafts as other channels and housekeeping see them: that one exists, never what it answers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from sqlalchemy import String, and_, select, update
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.notices import UNDELIVERED, Notice
from models.records import ACCOUNT_KEY_LENGTH, ID_LENGTH, Record

End = Literal["submitted", "cancelled", "expired", "lost"]


class DraftRow(Record):
    """A form being filled in. Its answers live sealed in the session of `account_key`."""

    __tablename__ = "drafts"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    account_key: Mapped[str] = mapped_column(String(ACCOUNT_KEY_LENGTH), index=True)
    person_index: Mapped[str | None] = mapped_column(String(64), index=True)
    form: Mapped[str] = mapped_column(String(64))
    reached: Mapped[int] = mapped_column(default=1)  # the section, counted from 1
    started_at: Mapped[datetime]
    remind_at: Mapped[datetime | None] = mapped_column(index=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    ended_how: Mapped[str | None] = mapped_column(String(16))


def start_draft(
    records: Records,
    *,
    draft_id: str,
    account: str,
    form: str,
    expires_at: datetime,
    remind_at: datetime | None = None,
    now: datetime,
) -> DraftRow:
    """Note that a form was begun."""
    draft = DraftRow(
        id=draft_id,
        account_key=account,
        form=form,
        started_at=now,
        remind_at=remind_at,
        expires_at=expires_at,
    )
    records.add(draft)
    records.flush()
    return draft


def end_draft(records: Records, draft_id: str, how: End, now: datetime) -> bool:
    """Note how it ended. False when it had ended already, or never began."""
    ended = update(DraftRow).where(DraftRow.id == draft_id, DraftRow.ended_at.is_(None))
    closed = ended.values(ended_at=now, ended_how=how, remind_at=None).returning(DraftRow.id)
    return records.scalar(closed) is not None


def has_ended(records: Records, draft_id: str) -> bool:
    """Whether it has ended. It does not end before this transaction does: what is stored for an
    open draft is there when its end releases it."""
    row = select(DraftRow.ended_at).where(DraftRow.id == draft_id).with_for_update()
    return records.scalar(row) is not None


def name_person(records: Records, draft_id: str, person_index: str | None) -> None:
    """Whose draft it is, by the blind index of the number: lets them go on in another channel.
    The caller has seen the proof; None where it no longer holds."""
    mine = update(DraftRow).where(DraftRow.id == draft_id)
    records.execute(mine.values(person_index=person_index))


def open_drafts(records: Records, account: str, now: datetime) -> list[DraftRow]:
    """An account's unfinished drafts, the newest first."""
    mine = select(DraftRow).where(
        DraftRow.account_key == account, DraftRow.ended_at.is_(None), DraftRow.expires_at > now
    )
    return list(records.scalars(mine.order_by(DraftRow.started_at.desc())).all())


def reach(records: Records, draft_id: str, section: int) -> None:
    """Note how far it is filled in."""
    mine = update(DraftRow).where(DraftRow.id == draft_id)
    records.execute(mine.values(reached=section))


def drafts_of_person(
    records: Records, person_index: str, accounts: Collection[str], now: datetime
) -> list[DraftRow]:
    """The unfinished drafts that are proven to be this person's, or are kept by an account bound
    to them, the newest first."""
    theirs = (DraftRow.person_index == person_index) | DraftRow.account_key.in_(accounts)
    open_ = select(DraftRow).where(theirs, DraftRow.ended_at.is_(None), DraftRow.expires_at > now)
    return list(records.scalars(open_.order_by(DraftRow.started_at.desc())).all())


def hand_over(records: Records, draft_id: str, keeper: str, to: str, now: datetime) -> bool:
    """Another account keeps it from now on. False when it has ended, or `keeper` has it no more:
    nothing is changed."""
    kept = and_(DraftRow.id == draft_id, DraftRow.account_key == keeper)
    open_ = and_(DraftRow.ended_at.is_(None), DraftRow.expires_at > now)
    handed = update(DraftRow).where(kept, open_).values(account_key=to).returning(DraftRow.id)
    return records.scalar(handed) is not None


def is_kept_by(records: Records, draft_id: str, account: str, now: datetime) -> bool:
    """Whether it is still being filled in, by this account."""
    row = records.get(DraftRow, draft_id)
    return bool(row and row.account_key == account and not row.ended_at and row.expires_at > now)


def drafts_to_remind(records: Records, now: datetime, limit: int = 100) -> list[DraftRow]:
    """Drafts whose one reminder is due; it is taken off them here."""
    due = (
        select(DraftRow.id)
        .where(DraftRow.remind_at <= now, DraftRow.ended_at.is_(None), DraftRow.expires_at > now)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = update(DraftRow).where(DraftRow.id.in_(due)).values(remind_at=None)
    reminded = taken.returning(DraftRow).execution_options(
        populate_existing=True, synchronize_session=False
    )
    return list(records.scalars(reminded).all())


def matter_of_draft(draft_id: str) -> str:
    """What notices about one draft are about: they give way when it has come to its end."""
    return f"draft:{draft_id}"


def expire_drafts(records: Records, now: datetime) -> int:
    """End the drafts whose days are over; nobody is reminded of them any more. Returns how many."""
    over = update(DraftRow).where(DraftRow.expires_at <= now, DraftRow.ended_at.is_(None))
    ended = over.values(ended_at=now, ended_how="expired", remind_at=None).returning(DraftRow.id)
    gone = records.scalars(ended).all()
    about_them = Notice.matter.in_([matter_of_draft(draft_id) for draft_id in gone])
    waiting = Notice.state.in_(UNDELIVERED)
    records.execute(update(Notice).where(about_them, waiting).values(state="replaced"))
    return len(gone)
