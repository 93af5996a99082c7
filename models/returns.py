"""What an application was sent back for: coded findings, each about one answer of the form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.records import ID_LENGTH, Record

Rectangle = tuple[float, float, float, float]
"""Left, top, width, height, each as a share (0 to 1) of the picture's width or height."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `code` is a reason of the city's profile, `field` the answer that is
    asked again, `document` and `rectangle` where on which picture it shows."""

    code: str
    field: str
    document: str = ""
    rectangle: Rectangle | None = None

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Finding:
        mark = given.get("rectangle")
        left_top_width_height = (mark[0], mark[1], mark[2], mark[3]) if mark else None
        return cls(given["code"], given["field"], given.get("document", ""), left_top_width_height)


class Return(Record):
    """One time that an application was sent back; it is mended by one re-submission."""

    __tablename__ = "returns"

    id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    application_id: Mapped[str] = mapped_column(ForeignKey("applications.id"), index=True)
    round: Mapped[int]  # the round of the application that was looked at
    findings: Mapped[list[Any]] = mapped_column(JSON)
    by: Mapped[str] = mapped_column(String(100))  # staff:<id>, or the reply that made it necessary
    at: Mapped[datetime]
    mended_at: Mapped[datetime | None]

    def found(self) -> list[Finding]:
        return [Finding.from_json(each) for each in self.findings]


def add_return(
    records: Records,
    application_id: str,
    findings: Iterable[Finding],
    *,
    round_: int,
    by: str,
    now: datetime,
    return_id: str,
) -> Return:
    """Note what is to be mended, in the transaction that moves the application to RETURNED."""
    row = Return(
        id=return_id,
        application_id=application_id,
        round=round_,
        findings=[asdict(finding) for finding in findings],
        by=by,
        at=now,
        mended_at=None,
    )
    records.add(row)
    records.flush()
    return row


def returns_of(records: Records, application_id: str) -> list[Return]:
    """Every time it was sent back, the earliest first."""
    mine = select(Return).where(Return.application_id == application_id)
    return list(records.scalars(mine.order_by(Return.at, Return.round)).all())


def open_return(records: Records, application_id: str) -> Return | None:
    """What the person has to mend now, or None."""
    found = [row for row in returns_of(records, application_id) if row.mended_at is None]
    return found[-1] if found else None
