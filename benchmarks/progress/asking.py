"""Asking for progress as people do: by number, by name and ID number, from a bound account.

The handlers and the database are the service's own; what stands before them (Redis, HTTP) costs the
same however much is stored, and is left out.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Literal
from uuid import uuid4

from benchmarks.progress.filling import Known
from bot.dialogue.messages import AccountKey, Kind, Reply, Update
from bot.dialogue.router import Router
from bot.dialogue.state import Session
from bot.ports import Budget, Sources, Turn
from bot.turn.transaction import LazyTransaction
from config.city import City, load_city
from config.locales import Texts
from handlers.talks import router
from models.database import Database
from models.sealing import Keyring

Way = Literal["number", "person", "account"]
WAYS: tuple[Way, ...] = ("number", "person", "account")
CODE = "482915"
PAUSE = timedelta(minutes=5)


class Asking:
    """Everybody who asks is somebody new, but for those who are bound."""

    def __init__(self, keys: Keyring, now: datetime) -> None:
        self.keys, self.now = keys, now
        self._ids, self._run = itertools.count(1), uuid4().hex[:8]

    @cached_property
    def city(self) -> City:
        return load_city()

    @cached_property
    def texts(self) -> Texts:
        return Texts.load(self.city)

    @cached_property
    def router(self) -> Router:
        return router(lambda text, at_least: [], lambda turn, intent: None)

    def by(self, way: Way, database: Database, who: Known) -> None:
        """Ask until the progress is told. Raises AssertionError when it is not."""
        match way:
            case "account":
                told = self._says(database, AccountKey.parse(who.account), Session(), text="进度")
            case "number":
                told = self._proves(database, who, number=who.number)
            case "person":
                told = self._proves(database, who, name=who.name, id_number=who.id_number)
        assert who.number[-4:] in told, told

    def asks(self, database: Database, **fields: str) -> None:
        """The question alone, by somebody new: the same work whether there is such a person."""
        self._sends(database, self._newcomer(), Session(), "progress.ask", fields)

    def _proves(self, database: Database, who: Known, **fields: str) -> str:
        account, session = self._newcomer(), Session()
        self._sends(database, account, session, "progress.ask", fields)
        return self._sends(database, account, session, "progress.code", {"code": CODE})

    def _newcomer(self) -> AccountKey:
        """Some minutes after the one before: a phone is sent one code a minute."""
        self.now += PAUSE
        return AccountKey("web", "site", self._id("v"))

    def _sends(
        self,
        database: Database,
        account: AccountKey,
        session: Session,
        form: str,
        fields: dict[str, str],
    ) -> str:
        return self._says(database, account, session, kind=Kind.PAGE, key=form, data=fields)

    def _says(
        self,
        database: Database,
        account: AccountKey,
        session: Session,
        kind: Kind = Kind.TEXT,
        **said: Any,
    ) -> str:
        update = Update(self._id("u"), account, kind, self.now, **said)
        transaction = LazyTransaction(database)
        try:
            reply = self.router(self._turn(update, session, transaction))
            if transaction.used:
                transaction.commit()
        finally:
            transaction.abandon()
        return reply.text if isinstance(reply, Reply) else ""

    def _turn(self, update: Update, session: Session, transaction: LazyTransaction) -> Turn:
        new_id: Callable[[], str] = lambda: self._id("i")  # noqa: E731
        return Turn(
            update=update,
            session=session,
            city=self.city,
            texts=self.texts,
            sources=Sources(lambda: self.now, lambda: CODE, lambda: "0731", new_id),
            keys=self.keys,
            budget=Budget(3.0, lambda: 0.0),
            transaction=transaction,
            now=self.now.astimezone(self.city.tz),
        )

    def _id(self, letter: str) -> str:
        return f"{letter}{self._run}{next(self._ids):023d}"
