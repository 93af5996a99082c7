"""A finished card on its way from one branch to another of the same bank, as its holder asked.

The application stays READY_FOR_PICKUP all the while. The branch that has the card sends it off,
the other says that it has come; only then does the card belong there.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, select, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.records import ID_LENGTH, Record

_OPEN = text("ended_at IS NULL")


class CardMove(Record):
    """One move. `ended` is arrived or dropped."""

    __tablename__ = "card_moves"
    __table_args__ = (
        Index(
            "uq_card_moves_open",
            "application_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_card_moves_from_branch", "from_branch"),
        Index("ix_card_moves_to_branch", "to_branch"),
    )

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    application_id: Mapped[str] = mapped_column(ForeignKey("applications.id"))
    from_branch: Mapped[str] = mapped_column(String(32))
    to_branch: Mapped[str] = mapped_column(String(32))
    asked_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended: Mapped[str] = mapped_column(String(16), default="")


def open_move(records: Records, application_id: str) -> CardMove | None:
    """The move that is asked for or under way, or None."""
    mine = (CardMove.application_id == application_id, CardMove.ended_at.is_(None))
    return records.scalar(select(CardMove).where(*mine))


def moves_at(records: Records, branch: str, most: int) -> list[CardMove]:
    """Open moves from and to a branch, the oldest first, at most `most`."""
    here = (CardMove.from_branch == branch) | (CardMove.to_branch == branch)
    found = select(CardMove).where(here, CardMove.ended_at.is_(None))
    return list(records.scalars(found.order_by(CardMove.asked_at, CardMove.id).limit(most)).all())
