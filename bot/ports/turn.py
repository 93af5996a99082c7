"""What a handler is given to answer with: a `Turn`, its sources of time and chance, its budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session as Records

from bot.dialogue.messages import AccountKey, Outcome, Update
from bot.dialogue.state import Session
from bot.ports.channels import Manner
from config.city import City
from config.locales import Texts
from config.reasons import Reason, load_reasons
from models.jobs import add_job
from models.ladders import add_notice
from models.lifecycle import Lifecycle
from models.notices import add_sms
from models.sealing import Keyring


@dataclass(frozen=True, slots=True)
class Sources:
    """Where time and chance come from; constructor arguments of the app and the worker."""

    clock: Callable[[], datetime]  # aware
    sms_code: Callable[[], str]  # six digits
    serial: Callable[[], str]  # the digits that end an acceptance number, at least four
    new_id: Callable[[], str]  # 32 hexadecimal digits


@dataclass(slots=True)
class Budget:
    """The seconds left until the platform must have its answer. Time-outs take the smaller."""

    seconds: float
    monotonic: Callable[[], float]
    started: float = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.monotonic()

    def left(self) -> float:
        return max(0.0, self.seconds - (self.monotonic() - self.started))

    def at_most(self, seconds: float) -> float:
        return min(seconds, self.left())


class Transaction(Protocol):
    """The turn's one write transaction, opened at the first use of `records`."""

    @property
    def records(self) -> Records: ...

    def reading(self) -> AbstractContextManager[Records]: ...


@dataclass(slots=True)
class Turn:
    """One update being answered. A handler changes `session` and `records` and returns a reply.

    Everything written through `records`, `start_job` and `send_sms` is committed together with
    the turn's result, or not at all; a handler needs no idempotency of its own.
    """

    update: Update
    session: Session
    city: City
    texts: Texts
    sources: Sources
    keys: Keyring
    budget: Budget
    transaction: Transaction
    now: datetime  # aware, in the city's time zone
    answers: str = ""  # whom the reply answers, when not this update (RESULTs)
    manner: Manner = field(default_factory=Manner)
    reasons: Mapping[str, Reason] = field(default_factory=load_reasons)

    @property
    def account(self) -> AccountKey:
        return self.update.account

    @property
    def records(self) -> Records:
        """The write transaction. After this no office may be called until the turn ends."""
        return self.transaction.records

    def reading(self) -> AbstractContextManager[Records]:
        """A short read-only session of its own."""
        return self.transaction.reading()

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def life(self) -> Lifecycle:
        """The door through which an application's state changes."""
        return Lifecycle(self.keys, self.city, self.texts, self.sources.new_id, self.reasons)

    def say(self, key: str, **values: object) -> str:
        """The text `key` in the person's language, as it reads in their channel, filled with
        `values` and the city's facts."""
        return self.texts.say_in(self.manner.texts, self.session.locale, key, **values)

    def start_job(
        self,
        name: str,
        payload: Mapping[str, Any],
        *,
        account: str = "",
        answers: str | None = None,
    ) -> str:
        """Ask for background work in this turn's transaction. Its result arrives as a RESULT.

        `name` is a `JobSpec`'s; the result answers this update. Where it is to reach another
        `account`, `answers` is the update of theirs that waits for it, "" for none. Returns the
        job's id.
        """
        return add_job(
            self.records,
            self.keys,
            name=name,
            account=account or str(self.account),
            payload=payload,
            answers=(self.answers or self.update.id) if answers is None else answers,
            now=self.now,
            job_id=self.sources.new_id(),
        )

    def send_sms(self, phone: str, template: str, params: Mapping[str, str]) -> str:
        """Put an SMS into the outbox of this turn: one of the profile's templates, by its name
        (in the person's language where there is one). Returns the notice's id."""
        return add_sms(
            self.records,
            self.keys,
            account=str(self.account),
            phone=phone,
            template=self._registered(template),
            params=params,
            now=self.now,
            notice_id=self.sources.new_id(),
        )

    def notify(
        self,
        name: str,
        params: Mapping[str, str],
        *,
        phone: str | None = None,
        matter: str = "",
        link: str = "",
    ) -> str:
        """Put a notice of `templates.toml` into the outbox of this turn: it takes the first road
        that holds, an SMS where a `phone` is given, the person's next visit at last.

        What is undelivered of the same `matter` gives way to it; `link` is a page of our site.
        Returns the notice's id. Raises KeyError, ValueError for what is not worded so.
        """
        return add_notice(
            self.records,
            self.keys,
            account=str(self.account),
            name=name,
            params=params,
            locale=self.session.locale,
            phone=phone,
            link=link,
            matter=matter,
            now=self.now,
            notice_id=self.sources.new_id(),
        )

    def _registered(self, template: str) -> str:
        """The id under which the SMS office knows a template."""
        english = f"{template}_en"
        wanted = english if self.session.locale == "en" and english in self.city.sms else template
        return self.city.sms[wanted].id


Handle = Callable[[Turn], Outcome]


class TooEarly(Exception):
    """What was reported cannot be placed yet, but a moment later: try the same again."""
