"""The messages that staff keep for campaigns, in versions: a later one never changes an earlier."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, func, select, update
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.records import Record


class PushTemplate(Record):
    """One version of a message by its name. `message` is a `models.push.messages.Message`."""

    __tablename__ = "push_templates"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    message: Mapped[dict[str, Any]] = mapped_column(JSON)
    written_by: Mapped[str] = mapped_column(String(100))
    written_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


def keep_template(
    records: Records, name: str, message: dict[str, Any], now: datetime, *, by: str
) -> PushTemplate:
    """Another version, the latest from now on; the words of the latest once more change nothing."""
    last = latest(records, name)
    if last is not None and last.message == message and last.retired_at is None:
        return last
    version = PushTemplate(
        name=name,
        version=last.version + 1 if last else 1,
        message=message,
        written_by=by,
        written_at=now,
    )
    records.add(version)
    records.flush()
    return version


def latest(records: Records, name: str) -> PushTemplate | None:
    """The version that holds now, also where it is retired."""
    its = select(PushTemplate).where(PushTemplate.name == name)
    return records.scalar(its.order_by(PushTemplate.version.desc()).limit(1))


def versions(records: Records, name: str) -> list[PushTemplate]:
    """Every version, the latest first."""
    its = select(PushTemplate).where(PushTemplate.name == name)
    return list(records.scalars(its.order_by(PushTemplate.version.desc())))


def templates_in_use(records: Records) -> list[PushTemplate]:
    """The latest version of each that is not retired, by name."""
    last = (
        select(PushTemplate.name, func.max(PushTemplate.version).label("version"))
        .group_by(PushTemplate.name)
        .subquery()
    )
    mine = (PushTemplate.name == last.c.name, PushTemplate.version == last.c.version)
    held = select(PushTemplate).join(last, mine[0] & mine[1])
    held = held.where(PushTemplate.retired_at.is_(None)).order_by(PushTemplate.name)
    return list(records.scalars(held))


def retire(records: Records, name: str, now: datetime) -> None:
    """It is offered no more."""
    records.execute(update(PushTemplate).where(PushTemplate.name == name).values(retired_at=now))
