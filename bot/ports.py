"""What a handler may hold: a `Turn`, and the Protocols of everything outside.

Handlers see this module and `bot.dialogue` of the service, and nothing else of it. It imports
neither Flask nor Redis nor an HTTP client; `bot.app` puts the real things behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Literal, Protocol

from sqlalchemy.orm import Session as Records

from bot.dialogue.messages import AccountKey, Media, Outcome, Reply, Update
from bot.dialogue.state import Session
from config.city import City
from config.locales import Texts
from models.documents import ObjectStore
from models.jobs import add_job
from models.ladders import add_notice
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


@dataclass(frozen=True, slots=True)
class Manner:
    """What differs from channel to channel in the same conversation, and all that differs: `texts`
    (the file of `config/locales/<locale>/channels/` with what reads otherwise there), whether
    forms are filled in there, who asks for leave to send notices, and how soon somebody who opens
    the chat anew is greeted again. Masks go by the channel's name (`models.masking`)."""

    texts: str = ""
    applies: bool = True  # False: who wants to apply is shown the way to the site
    subscribes: Literal["wechat", "alipay", ""] = ""
    greets_every: timedelta = timedelta(minutes=1)


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
    manner: Manner = Manner()

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


# --- background work -------------------------------------------------------------------------


class Photo(Protocol):
    """A picture made safe: a JPEG of our own encoding, upright, without metadata. In pixels."""

    @property
    def jpeg(self) -> bytes: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...


class PhotoFault(Exception):
    """A picture that cannot be taken: `code` is type, size, pixels, broken, animated or small."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Desk(Protocol):
    """What a job may hold while it runs in the worker. No transaction is open."""

    @property
    def job_id(self) -> str: ...
    @property
    def account(self) -> AccountKey: ...
    @property
    def payload(self) -> Mapping[str, Any]: ...
    @property
    def offices(self) -> Offices: ...
    @property
    def objects(self) -> ObjectStore: ...
    @property
    def keys(self) -> Keyring: ...
    @property
    def city(self) -> City: ...
    @property
    def now(self) -> datetime: ...
    def writing(self) -> AbstractContextManager[Records]: ...
    def reading(self) -> AbstractContextManager[Records]: ...
    def fetch_photo(self, media: Media) -> Photo:
        """A picture a person sent, safe and re-encoded. Raises `PhotoFault`, `OfficeError`."""

    def safe_photo(self, image: bytes) -> Photo:
        """A picture from elsewhere, put through the same checks. Raises `PhotoFault`."""

    def report(self, data: Mapping[str, Any]) -> None:
        """Tell the conversation something before the job is done (a RESULT of its own)."""


@dataclass(frozen=True, slots=True)
class JobSpec:
    """One kind of background work. `run` returns what the RESULT's `data` will be.

    An `OfficeError` is tried again, `attempts` times in all; then the data are
    `{"error": "unavailable"}`.
    """

    name: str
    run: Callable[[Desk], Mapping[str, Any]]
    attempts: int = 3
    limit: float = 30.0  # seconds; the claim's lease
    heavy: bool = False  # it computes for seconds, where others mostly wait for an office


MUST_ARRIVE = "must_arrive"
"""In a result's data: what it holds is nowhere else, so that no outage may cost it."""


# --- the offices outside ---------------------------------------------------------------------


class OfficeError(Exception):
    """An office did not do what was asked. `retry`: the same call may go through later.

    `unknown`: it may have been carried out. Holds no personal datum and no secret.
    """

    def __init__(self, office: str, reason: str, *, retry: bool, unknown: bool = False) -> None:
        super().__init__(f"{office}: {reason}")
        self.office, self.reason, self.retry, self.unknown = office, reason, retry, unknown


@dataclass(frozen=True, slots=True)
class Eligibility:
    """What the card-management office says of a number. Never shown before the phone is proven."""

    insured: bool
    has_card: bool
    open_application: bool


class IdentityOffice(Protocol):
    def matches(
        self, name: str, id_number: str, timeout: float
    ) -> Literal["match", "mismatch", "not_found"]:
        """Whether name and number belong together in the population register."""

    def phone_on_file(self, id_number: str, phone: str, timeout: float) -> bool:
        """Whether this phone is the one on file for that number. False also when there is none."""


class PortraitOffice(Protocol):
    def portrait(self, name: str, id_number: str, timeout: float) -> bytes | None:
        """The portrait on file as JPEG, or None when there is none."""


class CardMakingOffice(Protocol):
    def eligibility(self, name: str, id_number: str, timeout: float) -> Eligibility: ...


class SmsOffice(Protocol):
    def send(
        self, phone: str, template: str, params: Mapping[str, str], key: str, timeout: float
    ) -> None:
        """Send a registered template. `key` de-duplicates at the receiver. Raises `OfficeError`."""


@dataclass(frozen=True, slots=True)
class CardRead:
    """What was read from one photo of an ID card. `fields` holds normalised text by field name:

    front: name, sex, ethnicity, birth_date (ISO), id_address, id_number; back: valid_until (ISO or
    "long_term"), issuer. A field that could not be read is absent.
    """

    side: Literal["front", "back", "unknown"]
    fields: Mapping[str, str]
    fault: str = ""  # blurred | dark | cut_off | not_a_card, when nothing could be read


class Reader(Protocol):
    def side(self, image: bytes) -> Literal["front", "back", "unknown"]:
        """A quick look (milliseconds, no model): which side this probably is."""

    def read(self, image: bytes) -> CardRead:
        """Read the card's text. Takes seconds; blocking. Never raises on a bad picture."""


@dataclass(frozen=True, slots=True)
class Offices:
    """The clients a job may call."""

    identity: IdentityOffice
    portraits: PortraitOffice
    card_making: CardMakingOffice
    sms: SmsOffice
    reader: Reader | None  # None: the extra `ocr` is not installed


# --- channels --------------------------------------------------------------------------------


SendReason = Literal["window", "permanent", "account", "transient", "quota", "unknown", "bug"]


class SendError(Exception):
    """An API message was not accepted. `reason` is one of the table in `bot.channels`.

    window: not before the person writes again · permanent: never to this person · account: our
    account may not · transient: may go through later, not before `wait` seconds · quota: not
    before the platform's next day (midnight in Beijing) · unknown: nobody knows · bug: ours.
    `detail` holds the platform's code, nothing personal.
    """

    def __init__(self, reason: SendReason, detail: str = "", *, wait: float = 0.0) -> None:
        super().__init__(f"{reason} {detail}".strip())
        self.reason, self.detail, self.wait = reason, detail, wait


Rung = Literal["chat", "template", "subscription", "sms", "visit"]
"""One road for a notice, the best first; what one refuses the next may take."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A message in a wording that the platform approved: its id there, a value for each field.

    `path` is the page of our site that a tap opens, "" for none.
    """

    rung: Literal["template", "subscription"]
    template: str
    values: Mapping[str, str]
    path: str = ""


class Channel(Protocol):
    """One road to people, as the turn and the worker see it."""

    name: str
    answers_at_once: bool  # has passive replies (WeChat); False: every update is late (Alipay)
    manner: Manner
    rungs: Sequence[Rung]  # the roads a notice may take here, SMS and the next visit left out

    def fit(self, reply: Reply | None, mail: Sequence[Reply]) -> tuple[Reply | None, int]:
        """What one passive reply can hold: the reply with the first n pieces of mail before it."""

    def send(self, account: AccountKey, reply: Reply, key: str, timeout: float) -> None:
        """Send by API message. `key` de-duplicates where the platform can. Raises `SendError`."""

    def send_filled(self, account: AccountKey, message: Filled, key: str, timeout: float) -> str:
        """Send what the platform has a wording for. `key` de-duplicates where it can. Returns the
        message's id there, "" where there is none. Raises `SendError`."""

    def send_picture(self, account: AccountKey, image: bytes, key: str, timeout: float) -> None:
        """Send a picture by API message within `timeout` seconds in all. Raises `SendError`."""

    def fetch(self, media: Media, limit: int, timeout: float) -> bytes:
        """The bytes of a picture a person sent, at most `limit`. Raises `SendError`."""
