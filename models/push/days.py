"""How many pushes each person got on a day of the city, and 群发 in a month: bounds that nothing
bypasses."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import BigInteger, ColumnElement, delete, func, literal, select, true, update
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.lists import numbers
from models.push.counts import insert_of
from models.records import Record


class PushDay(Record):
    """What one recipient got on one day."""

    __tablename__ = "push_days"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - as SQLAlchemy wants it

    day: Mapped[date] = mapped_column(primary_key=True)
    recipient: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    n: Mapped[int]


class PushMonth(Record):
    """How many 群发 one recipient got in one month, which its first day names: the platform counts
    by calendar months, in Beijing."""

    __tablename__ = "push_months"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - as SQLAlchemy wants it

    month: Mapped[date] = mapped_column(primary_key=True)
    recipient: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    n: Mapped[int]


def take_place(records: Records, day: date, recipients: Collection[int], cap: int) -> set[int]:
    """One more for each of them today. Returns those who had room below `cap`; of the others
    nothing is counted. Two workers at once count both."""
    return _take(records, PushDay, "day", day, recipients, cap)


def take_month(records: Records, month: date, recipients: Collection[int], cap: int) -> set[int]:
    """The same of a month's 群发."""
    return _take(records, PushMonth, "month", month, recipients, cap)


def give_back(records: Records, day: date, recipients: Collection[int]) -> None:
    """It surely did not go out."""
    _give_back(records, PushDay, PushDay.day == day, recipients)


def give_back_month(records: Records, month: date, recipients: Collection[int]) -> None:
    """The same of a month's 群发."""
    _give_back(records, PushMonth, PushMonth.month == month, recipients)


def forget_days(records: Records, before: date) -> None:
    """Nobody asks for days and months that are over."""
    records.execute(delete(PushDay).where(PushDay.day < before))
    records.execute(delete(PushMonth).where(PushMonth.month < before.replace(day=1)))


def _take(
    records: Records,
    table: type[PushDay] | type[PushMonth],
    period: str,
    when: date,
    recipients: Collection[int],
    cap: int,
) -> set[int]:
    wanted = set(recipients) if cap >= 1 else set()
    if not wanted:
        return set()
    # In one order, so that two workers never wait for each other.
    each = numbers(records, sorted(wanted)).subquery()
    one_more = (
        select(literal(when), each.c.number, literal(1)).where(true()).order_by(each.c.number)
    )
    counted = (
        insert_of(records)(table)
        .from_select([period, "recipient", "n"], one_more)
        .on_conflict_do_update(
            index_elements=[period, "recipient"], set_={"n": table.n + 1}, where=table.n < cap
        )
    )
    # Mostly all of them have room: only where one has none is it asked who has.
    with records.begin_nested() as attempt:
        done = records.connection().execute(counted, execution_options={"preserve_rowcount": True})
        if done.rowcount == len(wanted):
            return wanted
        attempt.rollback()
    return set(records.connection().execute(counted.returning(table.recipient)).scalars())


def _give_back(
    records: Records,
    table: type[PushDay] | type[PushMonth],
    when: ColumnElement[bool],
    recipients: Collection[int],
) -> None:
    if not recipients:
        return
    some = table.recipient.in_(numbers(records, sorted(recipients)))
    theirs = (when, some, table.n > 0)
    # In the order of `_take`: two workers never hold what the other wants next.
    in_order = select(table.recipient).where(*theirs).order_by(table.recipient).with_for_update()
    records.scalar(select(func.count()).select_from(in_order.subquery()))
    less = update(table).where(*theirs).values(n=table.n - 1)
    records.execute(less.execution_options(synchronize_session=False))
