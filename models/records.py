"""What every table shares: the declarative base, time columns, sealed columns and their places."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Dialect,
    LargeBinary,
    MetaData,
    TypeDecorator,
    and_,
    or_,
)
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute

ID_LENGTH = 32  # ids are 32 hexadecimal digits
ACCOUNT_KEY_LENGTH = 400  # three parts of at most 128, and two colons

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """A point in time: aware in Python, UTC in the database (SQLite keeps no zone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Sealed(TypeDecorator[bytes]):
    """A column of blobs from `Keyring.seal`. Rotation finds every such column by this type."""

    impl = LargeBinary
    cache_ok = True


class Record(DeclarativeBase):
    """The base of every table."""

    metadata = MetaData(naming_convention=_NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: Moment()}


def place(table: str, column: str, *row: str) -> str:
    """Where a sealed value lives, as `Keyring` binds it: `applications.answers:<id>`."""
    return f"{table}.{column}:{'/'.join(row)}"


def json_bytes(value: Mapping[str, Any]) -> bytes:
    """Compact UTF-8 JSON, as it is sealed."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def claimable(
    state: InstrumentedAttribute[str],
    due_at: InstrumentedAttribute[datetime],
    lease_until: InstrumentedAttribute[datetime | None],
    now: datetime,
) -> ColumnElement[bool]:
    """Whether a worker may take a row: queued and due, or claimed by one whose lease ran out."""
    return or_(
        and_(state == "queued", due_at <= now),
        and_(state == "claimed", lease_until <= now),
    )
