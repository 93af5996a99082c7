"""The fence of a turn: one row per update handled, written in the transaction of its records.

Whoever finds the row adopts its result instead of handling the update again. Updates that killed
their process three times leave a dead letter.
"""

from __future__ import annotations

from datetime import datetime
from typing import cast

from sqlalchemy import String, Table, delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.records import ACCOUNT_KEY_LENGTH, ID_LENGTH, Record, Sealed, place

UPDATE_ID_LENGTH = 200


class TurnTaken(Exception):
    """Somebody finished this update already. The transaction is lost: roll back, then adopt."""


class TurnRow(Record):
    """That an update was handled, with its sealed result: session and reply."""

    __tablename__ = "turns"

    account_key: Mapped[str] = mapped_column(String(ACCOUNT_KEY_LENGTH), primary_key=True)
    update_id: Mapped[str] = mapped_column(String(UPDATE_ID_LENGTH), primary_key=True)
    result: Mapped[bytes] = mapped_column(Sealed)
    at: Mapped[datetime] = mapped_column(index=True)


# Of the table: the ORM's way, made for many rows, costs three times as much.
_ADD = insert(cast(Table, TurnRow.__table__))


class DeadLetter(Record):
    """An update given up after three tries. `fault` holds names of exception types, no message."""

    __tablename__ = "dead_letters"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    account_key: Mapped[str] = mapped_column(String(ACCOUNT_KEY_LENGTH), index=True)
    update_id: Mapped[str] = mapped_column(String(UPDATE_ID_LENGTH))
    update: Mapped[bytes] = mapped_column(Sealed)
    fault: Mapped[str] = mapped_column(String(500))
    at: Mapped[datetime]


def place_of_result(account: str, update_id: str) -> str:
    """The `where` under which the caller seals a turn's result; rotation re-seals it there."""
    return place("turns", "result", account, update_id)


def place_of_dead_letter(letter_id: str) -> str:
    """The `where` under which the caller seals a dead letter's update."""
    return place("dead_letters", "update", letter_id)


def find_turn(records: Records, account: str, update_id: str) -> bytes | None:
    """The sealed result of an update that was handled, or None."""
    found = select(TurnRow.result).where(
        TurnRow.account_key == account, TurnRow.update_id == update_id
    )
    return records.scalar(found)


def add_turn(records: Records, account: str, update_id: str, result: bytes, at: datetime) -> None:
    """Put the fence up. Waits for a rival that has not committed. Raises TurnTaken when it had."""
    records.flush()  # so that a conflict here is this row's and no other's
    row = {"account_key": account, "update_id": update_id, "result": result, "at": at}
    try:
        records.execute(_ADD, row)
    except IntegrityError as error:
        raise TurnTaken from error


def add_dead_letter(
    records: Records,
    *,
    letter_id: str,
    account: str,
    update_id: str,
    update: bytes,
    fault: str,
    at: datetime,
) -> None:
    """Keep an update that could not be handled, sealed for `place_of_dead_letter(letter_id)`."""
    records.add(
        DeadLetter(
            id=letter_id,
            account_key=account,
            update_id=update_id,
            update=update,
            fault=fault[:500],
            at=at,
        )
    )


def forget_turns(records: Records, before: datetime) -> int:
    """Delete results older than `before`: no redelivery can come any more. Returns how many."""
    gone = delete(TurnRow).where(TurnRow.at < before).returning(TurnRow.update_id)
    return len(records.scalars(gone).all())
