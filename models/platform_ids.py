"""The ids by which a platform names one account of ours: old and new ones, side by side.

Alipay's `user_id` is being replaced by an `open_id` of each application; a push may name both, or
either alone. Which of them the account was first seen under stands in its key and stays there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import String, select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm import Session as Records

from models.records import ACCOUNT_KEY_LENGTH, Record

IdKind = Literal["user_id", "open_id", "legacy"]


class PlatformName(NamedTuple):
    """One id: what kind it is, and itself. `legacy`: of the time before `user_id`."""

    kind: IdKind
    value: str


class PlatformId(Record):
    """That in this channel's app `value`, an id of this kind, is the account `account_key`."""

    __tablename__ = "platform_ids"

    channel: Mapped[str] = mapped_column(String(32), primary_key=True)
    app: Mapped[str] = mapped_column(String(128), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    value: Mapped[str] = mapped_column(String(128), primary_key=True)
    account_key: Mapped[str] = mapped_column(String(ACCOUNT_KEY_LENGTH), index=True)
    created_at: Mapped[datetime]


def whose(
    records: Records, channel: str, app: str, names: Sequence[PlatformName]
) -> tuple[str | None, list[PlatformName]]:
    """The account that these ids name, and which of them were not known. Where they name several,
    the first of `names` that is known decides: links are made once and never moved."""
    rows = records.execute(
        select(PlatformId.kind, PlatformId.value, PlatformId.account_key).where(
            PlatformId.channel == channel,
            PlatformId.app == app,
            tuple_(PlatformId.kind, PlatformId.value).in_([tuple(name) for name in names]),
        )
    ).all()
    known = {(kind, value): key for kind, value, key in rows}
    account = next((known[name] for name in names if name in known), None)
    return account, [name for name in names if name not in known]


def link_ids(records: Records, account: str, names: Sequence[PlatformName], now: datetime) -> str:
    """These ids name this account, unless one of them names another: then that one is meant, for
    all. Returns the account that is meant."""
    channel, app, _ = account.split(":")
    found, missing = whose(records, channel, app, names)
    account = found or account
    for name in missing:
        row = PlatformId(
            channel=channel,
            app=app,
            kind=name.kind,
            value=name.value,
            account_key=account,
            created_at=now,
        )
        try:
            with records.begin_nested():
                records.add(row)
        except IntegrityError:  # somebody else linked it meanwhile
            account = whose(records, channel, app, names)[0] or account
    return account


def ids_of(records: Records, account: str) -> Mapping[IdKind, str]:
    """The latest id of each kind by which the platform knows an account."""
    mine = select(PlatformId).where(PlatformId.account_key == account)
    rows = records.scalars(mine.order_by(PlatformId.created_at)).all()
    return {row.kind: row.value for row in rows}  # type: ignore[misc]


def kind_named(records: Records, account: str) -> str | None:
    """Of which kind the id is that stands in the account's key; None where no platform told."""
    channel, app, user = account.split(":")
    mine = (PlatformId.channel == channel, PlatformId.app == app, PlatformId.value == user)
    return records.scalar(select(PlatformId.kind).where(*mine))
