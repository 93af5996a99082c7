"""Who writes: one account, by whichever of its ids a push names it, and the id it is answered by.

Alipay moves its applications from one `user_id` for all of them to an `open_id` of each. While an
application is being moved its pushes carry both; afterwards they carry the new one alone. Both are
kept and linked, so that a conversation goes on through the move. Neither has a known form.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session as Records

from bot.dialogue.messages import AccountKey
from bot.ports import SendError
from models.database import Database
from models.people import find_account
from models.platform_ids import IdKind, PlatformName, ids_of, link_ids, whose

_MOST_REMEMBERED = 20_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a message is addressed to: `value` goes into `to_user_id` or `open_id`, by its kind."""

    kind: IdKind
    value: str


class Recipients(Protocol):
    """Finds the id by which an account is answered."""

    def recipient(self, account: AccountKey) -> Recipient: ...


def recipient_of(recipients: Recipients, account: AccountKey) -> Recipient:
    """The same. Raises `SendError`: without the records nobody knows by which id an account is
    named."""
    try:
        return recipients.recipient(account)
    except SQLAlchemyError as fault:
        raise SendError("transient", type(fault).__name__) from None


class Identities:
    """The accounts of one application. `first` is the kind of id that is preferred where both are
    known: a new account is named by it, and messages are addressed to it."""

    def __init__(
        self,
        database: Database,
        first: Literal["user_id", "open_id"],
        clock: Callable[[], datetime],
    ) -> None:
        self._database, self._clock = database, clock
        second: IdKind = "open_id" if first == "user_id" else "user_id"
        self._order: tuple[IdKind, ...] = (first, second, "legacy")
        self._known: dict[tuple[str, str, tuple[PlatformName, ...]], AccountKey] = {}

    def account(self, channel: str, app: str, names: Sequence[PlatformName]) -> AccountKey:
        """Whose ids these are; a new account where none of them is known. ValueError when there is
        none, or one that cannot name an account.

        Without the records it is the account that the preferred id would have if it were new, which
        in nearly every case it is.
        """
        ordered = tuple(sorted(names, key=lambda name: self._order.index(name.kind)))
        if not ordered:
            raise ValueError("nobody is named")
        asked = (channel, app, ordered)
        if known := self._known.get(asked):
            return known
        new = AccountKey(channel, app, ordered[0].value)
        try:
            found = self._linked(new, ordered)
        except SQLAlchemyError as fault:
            log.warning("alipay.identity_unknown", fault=type(fault).__name__)
            return new
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        self._known[asked] = found
        return found

    def known(self, channel: str, app: str, names: Sequence[PlatformName]) -> AccountKey | None:
        """The account that there is under one of these ids. Raises `SQLAlchemyError`."""
        with self._database.reading() as records:
            key = whose(records, channel, app, names)[0] or _kept(records, channel, app, names)
        return AccountKey.parse(key) if key else None

    def _linked(self, new: AccountKey, names: Sequence[PlatformName]) -> AccountKey:
        with self._database.reading() as records:
            key, missing = whose(records, new.channel, new.app, names)
            key = key or _kept(records, new.channel, new.app, names) or str(new)
        if missing:
            with self._database.writing() as records:
                key = link_ids(records, key, names, self._clock())
        return AccountKey.parse(key)

    def recipient(self, account: AccountKey) -> Recipient:
        """By the preferred kind of id, else by the other. Raises `SQLAlchemyError`."""
        with self._database.reading() as records:
            known = ids_of(records, str(account))
        for kind in self._order:
            if kind in known:
                return Recipient(kind, known[kind])
        return Recipient(self._order[0], account.user)


def _kept(records: Records, channel: str, app: str, names: Sequence[PlatformName]) -> str | None:
    """An account that there is under one of these ids, though nobody linked it."""
    keys = (f"{channel}:{app}:{name.value}" for name in names if ":" not in name.value)
    return next((key for key in keys if find_account(records, key)), None)
