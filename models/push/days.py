"""How many pushes each person got on a day of the city, and 群发 in a month: bounds that nothing
bypasses."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    bindparam,
    delete,
    func,
    literal,
    select,
    true,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.lists import dialect_of, listed, numbers
from models.push.counts import INSERTS
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
    one_more, connection = _one_more(dialect_of(records), table, period), records.connection()
    # In one order, so that two workers never wait for each other.
    given = {"period": when, "recipients": listed(sorted(wanted)), "cap": cap}
    # Mostly all of them have room: only where one has none is it asked who has.
    with connection.begin_nested() as attempt:
        done = connection.execute(one_more, given)
        if done.rowcount == len(wanted):
            return wanted
        attempt.rollback()
    return set(connection.execute(one_more.returning(table.recipient), given).scalars())


@cache
def _one_more(dialect: str, table: type[PushDay] | type[PushMonth], period: str) -> Any:
    each = numbers(dialect, "recipients").subquery()
    when = bindparam("period", type_=getattr(table, period).type)
    counted = select(when, each.c.number, literal(1)).where(true()).order_by(each.c.number)
    columns = [period, "recipient"]
    insert = INSERTS[dialect](table.__table__).from_select([*columns, "n"], counted)
    return insert.on_conflict_do_update(
        index_elements=columns, set_={"n": table.n + 1}, where=table.n < bindparam("cap")
    ).execution_options(preserve_rowcount=True)


def _give_back(
    records: Records,
    table: type[PushDay] | type[PushMonth],
    when: ColumnElement[bool],
    recipients: Collection[int],
) -> None:
    if not recipients:
        return
    given = {"recipients": listed(sorted(recipients))}
    some = table.recipient.in_(numbers(dialect_of(records), "recipients"))
    theirs = (when, some, table.n > 0)
    # In the order of `_take`: two workers never hold what the other wants next.
    in_order = select(table.recipient).where(*theirs).order_by(table.recipient).with_for_update()
    connection = records.connection()
    connection.scalar(select(func.count()).select_from(in_order.subquery()), given)
    connection.execute(update(table).where(*theirs).values(n=table.n - 1), given)
