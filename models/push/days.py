"""How many pushes each person got on a day of the city: a bound that nothing bypasses."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import BigInteger, delete, update
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.push.counts import insert_of
from models.records import Record


class PushDay(Record):
    """What one recipient got on one day."""

    __tablename__ = "push_days"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - as SQLAlchemy wants it

    day: Mapped[date] = mapped_column(primary_key=True)
    recipient: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    n: Mapped[int]


def take_place(records: Records, day: date, recipients: Collection[int], cap: int) -> set[int]:
    """One more for each of them today. Returns those who had room below `cap`; of the others
    nothing is counted. Two workers at once count both."""
    if not recipients or cap < 1:
        return set()
    rows = [{"day": day, "recipient": each, "n": 1} for each in sorted(recipients)]
    added = insert_of(records)(PushDay).values(rows)
    counted = added.on_conflict_do_update(
        index_elements=["day", "recipient"], set_={"n": PushDay.n + 1}, where=PushDay.n < cap
    )
    return set(records.connection().execute(counted.returning(PushDay.recipient)).scalars())


def give_back(records: Records, day: date, recipients: Collection[int]) -> None:
    """It surely did not go out."""
    theirs = (PushDay.day == day, PushDay.recipient.in_(recipients), PushDay.n > 0)
    if recipients:
        records.execute(update(PushDay).where(*theirs).values(n=PushDay.n - 1))


def forget_days(records: Records, before: date) -> None:
    """Nobody asks for days that are over."""
    records.execute(delete(PushDay).where(PushDay.day < before))
