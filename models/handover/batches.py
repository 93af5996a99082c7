"""Batches and their lines: what was handed over to whom, in which file, and whether it arrived."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from sqlalchemy import ForeignKey, Index, String, and_, select, text, update
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.records import ID_LENGTH, Record, Sealed, json_bytes, place
from models.sealing import Keyring

Destination = Literal["province", "bank"]
DESTINATIONS: tuple[Destination, ...] = ("province", "bank")
Kind = Literal["ORD", "REP"]
NAME_LENGTH = 40
_OPEN = text("open")


class BatchState(StrEnum):
    """Where a batch stands. What is `sending` may have arrived: it is asked for before it is sent
    again. `refused` and `conflict` wait for staff."""

    CUT = "cut"
    SENDING = "sending"
    TAKEN = "taken"
    REFUSED = "refused"  # never taken as it is; `fault` says why
    CONFLICT = "conflict"  # its id is there with another content


class Batch(Record):
    """One file that goes out. `id` is its name; `digest` that of its content, once it was made."""

    __tablename__ = "handover_batches"

    id: Mapped[str] = mapped_column(String(NAME_LENGTH), primary_key=True)
    destination: Mapped[str] = mapped_column(String(16))
    bank: Mapped[str] = mapped_column(String(16))  # its code; "" for the province
    kind: Mapped[str] = mapped_column(String(8))
    form: Mapped[str] = mapped_column(String(16))
    suite: Mapped[int]
    photos: Mapped[bool]
    count: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64), default="")
    state: Mapped[str] = mapped_column(String(16), index=True, default=BatchState.CUT.value)
    fault: Mapped[str] = mapped_column(String(64), default="")
    attempts: Mapped[int] = mapped_column(default=0)  # calls so far
    cut_at: Mapped[datetime]
    due_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    owner: Mapped[str | None] = mapped_column(String(64))
    taken_at: Mapped[datetime | None]

    @property
    def receiver(self) -> str:
        """`province`, or `bank:CCB`."""
        return f"{self.destination}:{self.bank}" if self.bank else self.destination


class BatchLine(Record):
    """One application in a batch. `open`: the destination has not answered it; while one is, no
    other line of the application goes to that destination (a unique index says so)."""

    __tablename__ = "handover_lines"
    __table_args__ = (
        Index(
            "uq_handover_lines_open",
            "application_id",
            "destination",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    batch_id: Mapped[str] = mapped_column(ForeignKey("handover_batches.id"), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)  # from 1
    application_id: Mapped[str] = mapped_column(ForeignKey("applications.id"), index=True)
    destination: Mapped[str] = mapped_column(String(16))
    content: Mapped[bytes] = mapped_column(Sealed)
    photo: Mapped[str] = mapped_column(String(ID_LENGTH), default="")  # a document's id
    open: Mapped[bool] = mapped_column(default=True)
    cut_at: Mapped[datetime]

    def items(self, keys: Keyring) -> dict[str, str]:
        """What the line says, by the names of `models.handover.items`."""
        opened: dict[str, str] = json.loads(keys.open(self.content, _place(self)))
        return opened


class Block(Record):
    """An application that cannot be handed over as it is; staff see why, and try again."""

    __tablename__ = "handover_blocks"

    application_id: Mapped[str] = mapped_column(ForeignKey("applications.id"), primary_key=True)
    destination: Mapped[str] = mapped_column(String(16), primary_key=True)
    code: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]


def add_line(
    records: Records,
    keys: Keyring,
    batch: Batch,
    line: int,
    items: dict[str, str],
    photo: str,
) -> BatchLine:
    """Put an application into a batch that is being made."""
    row = BatchLine(
        batch_id=batch.id,
        line=line,
        application_id=items["application"],
        destination=batch.destination,
        photo=photo,
        cut_at=batch.cut_at,
    )
    row.content = keys.seal(json_bytes(items), _place(row))
    records.add(row)
    return row


def next_name(records: Records, region: str, day: date, kind: Kind) -> str:
    """A name that no batch of the day has. Two that draw at one moment draw the same: the caller
    keeps others away until it has stored its batch for good."""
    beginning = f"SBK_{region}_{day:%Y%m%d}_"
    names = records.scalars(select(Batch.id).where(Batch.id.like(f"{beginning}%"))).all()
    last = max((int(name.split("_")[3]) for name in names), default=0)
    return f"{beginning}{last + 1:04d}_{kind}"


def find_batch(records: Records, batch_id: str) -> Batch | None:
    return records.get(Batch, batch_id)


def lines_of(records: Records, batch_id: str) -> list[BatchLine]:
    """The lines of a batch, in their order."""
    mine = select(BatchLine).where(BatchLine.batch_id == batch_id).order_by(BatchLine.line)
    return list(records.scalars(mine).all())


def close_lines(
    records: Records,
    application_ids: Collection[str],
    destination: Destination,
    *,
    sent: bool = False,
) -> None:
    """The destination has answered these, or will not any more. `sent`: only what it may have."""
    mine = and_(
        BatchLine.application_id.in_(application_ids),
        BatchLine.destination == destination,
        BatchLine.open,
    )
    if sent:
        there = Batch.state.in_((BatchState.SENDING.value, BatchState.TAKEN.value))
        mine = and_(mine, BatchLine.batch_id.in_(select(Batch.id).where(there)))
    records.execute(update(BatchLine).where(mine).values(open=False))


def _place(line: BatchLine) -> str:
    return place("handover_lines", "content", line.batch_id, str(line.line))
