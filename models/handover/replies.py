"""Reply files and their lines: kept once each, whatever is repeated; and what was wrong in them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.handover.batches import NAME_LENGTH, Destination
from models.records import ID_LENGTH, Record, Sealed, json_bytes, place
from models.sealing import Keyring


class FileState(StrEnum):
    """Where a reply file stands."""

    BROKEN = "broken"  # could not be taken, is asked for again
    TAKEN = "taken"  # here, its lines not all judged
    JUDGED = "judged"  # what was wrong is still to be told to the sender
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Told:
    """One line that could be read. Empty fields are empty."""

    application: str
    stage: str
    result: str
    code: str
    text: str
    account_tail: str
    card_tail: str
    outlet: str
    parcel: str
    at: datetime
    line: int  # in its file, from 1

    @property
    def key(self) -> str:
        """The same for every telling of the same thing."""
        moment = self.at.astimezone(UTC).isoformat()
        parts = (self.application, self.stage, self.result, self.code, moment)
        return hashlib.sha256("|".join(parts).encode()).hexdigest()[:ID_LENGTH]


@dataclass(frozen=True, slots=True)
class LineFault:
    """What was wrong with a line, counted from 1; 0: with the whole file."""

    line: int
    code: str


class ReplyFile(Record):
    """One file of a destination. `content` is kept until its lines are judged."""

    __tablename__ = "handover_files"

    source: Mapped[str] = mapped_column(String(16), primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH), primary_key=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    digest: Mapped[str] = mapped_column(String(64), default="")
    count: Mapped[int] = mapped_column(default=0)
    content: Mapped[bytes | None] = mapped_column(Sealed)
    cursor: Mapped[str] = mapped_column(String(64), default="")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    came_at: Mapped[datetime]

    def lines(self, keys: Keyring) -> bytes:
        """The lines in UTF-8; nothing once they were judged."""
        return keys.open(self.content, _place_of_file(self)) if self.content else b""

    def keep(self, keys: Keyring, lines: bytes | None) -> None:
        self.content = None if lines is None else keys.seal(lines, _place_of_file(self))


class FaultRow(Record):
    """A line of a file that could not be taken, and why; 0: the whole file."""

    __tablename__ = "handover_faults"

    source: Mapped[str] = mapped_column(String(16), primary_key=True)
    file: Mapped[str] = mapped_column(String(NAME_LENGTH), primary_key=True)
    line: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]


class Reply(Record):
    """One line that was taken. `outcome`: moved, noted, or passed: overtaken by a later one."""

    __tablename__ = "handover_replies"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    application_id: Mapped[str] = mapped_column(ForeignKey("applications.id"), index=True)
    source: Mapped[str] = mapped_column(String(16))
    file: Mapped[str] = mapped_column(String(NAME_LENGTH))
    stage: Mapped[str] = mapped_column(String(16))
    result: Mapped[str] = mapped_column(String(16))
    code: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]  # when it happened, as the sender says
    outcome: Mapped[str] = mapped_column(String(16))
    told: Mapped[bytes] = mapped_column(Sealed)
    taken_at: Mapped[datetime]

    def open(self, keys: Keyring) -> dict[str, str]:
        """`text`, `account_tail`, `card_tail`, `outlet`, `parcel`."""
        opened: dict[str, str] = json.loads(keys.open(self.told, _place_of_reply(self.id)))
        return opened


def add_reply(
    records: Records,
    keys: Keyring,
    source: Destination,
    file: str,
    told: Told,
    outcome: str,
    now: datetime,
) -> Reply:
    """Keep a line that was taken."""
    sealed = {
        "text": told.text,
        "account_tail": told.account_tail,
        "card_tail": told.card_tail,
        "outlet": told.outlet,
        "parcel": told.parcel,
    }
    row = Reply(
        id=told.key,
        application_id=told.application,
        source=source,
        file=file,
        stage=told.stage,
        result=told.result,
        code=told.code,
        at=told.at,
        outcome=outcome,
        told=keys.seal(json_bytes(sealed), _place_of_reply(told.key)),
        taken_at=now,
    )
    records.add(row)
    return row


def replies_of(records: Records, application_ids: Collection[str]) -> dict[str, list[Reply]]:
    """What was told of each application, the earliest first."""
    mine = select(Reply).where(Reply.application_id.in_(application_ids)).order_by(Reply.at)
    found: dict[str, list[Reply]] = {one: [] for one in application_ids}
    for reply in records.scalars(mine):
        found[reply.application_id].append(reply)
    return found


def add_faults(
    records: Records, file: ReplyFile, faults: Sequence[LineFault], now: datetime
) -> None:
    """Note what could not be taken; a fault that is noted already stays as it is."""
    for fault in faults:
        key = (file.source, file.name, fault.line)
        if records.get(FaultRow, key) is None:
            records.add(FaultRow(source=key[0], file=key[1], line=key[2], code=fault.code, at=now))
    records.flush()


def faults_of(records: Records, source: str, file: str) -> list[LineFault]:
    mine = (FaultRow.source == source) & (FaultRow.file == file)
    rows = records.scalars(select(FaultRow).where(mine).order_by(FaultRow.line))
    return [LineFault(row.line, row.code) for row in rows]


def _place_of_file(file: ReplyFile) -> str:
    return place("handover_files", "content", file.source, file.name)


def _place_of_reply(reply_id: str) -> str:
    return place("handover_replies", "told", reply_id)
