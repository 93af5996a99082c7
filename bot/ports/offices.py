"""The offices outside, as a job asks them: a Protocol each, and what they answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from bot.ports.portraits import Studio


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
    studio: Studio | None = None  # None: no portrait is measured here, officers look at all of it
