"""The parts of a city profile: districts, banks, branches, counters, times, fees, limits."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field
from pydantic.dataclasses import dataclass

_STRICT = ConfigDict(extra="forbid")

Text = Annotated[str, Field(min_length=1)]
Count = Annotated[int, Field(gt=0)]
Hour = Annotated[int, Field(ge=0, le=24)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
_WRITTEN_DAY = re.compile(r"(\d{4})[/.年](\d{1,2})[/.月](\d{1,2})日?")


def _day(value: Any) -> Any:
    """2026/11/30 and 2026年11月30日 as ISO 8601 has them; an empty cell is no day."""
    if not isinstance(value, str):
        return value
    written = _WRITTEN_DAY.fullmatch(value.strip())
    if written is None:
        return value.strip() or None
    year, month, day = written.groups()
    return f"{year}-{month:0>2}-{day:0>2}"


Day = Annotated[date | None, BeforeValidator(_day)]


@dataclass(frozen=True, config=_STRICT)
class District:
    """A district of the city; `lat`, `lng` are its middle."""

    code: Annotated[str, Field(pattern=r"^\d{6}$")]
    name: Text
    name_en: Text
    lat: Latitude
    lng: Longitude
    aliases: tuple[Text, ...] = ()


@dataclass(frozen=True, config=_STRICT)
class Bank:
    """A service bank. `short` is what residents read; `aliases` are what they type.

    An alias that two banks share is ambiguous on purpose (农行): the person is asked back.
    """

    code: Annotated[str, Field(pattern=r"^[A-Z]{2,8}$")]
    name: Text
    short: Text
    name_en: Text
    hotline: Text
    aliases: tuple[Text, ...] = ()
    ambiguous_with: tuple[str, ...] = ()

    def names(self) -> tuple[str, ...]:
        """Every word that means this bank."""
        return (self.name, self.short, self.name_en, self.code, *self.aliases)

    def said(self, english: bool) -> str:
        """The short word by which residents call it; the code in English."""
        return self.code if english else next(iter(self.aliases), self.short)


@dataclass(frozen=True, config=_STRICT)
class Branch:
    """A branch where cards are handed out. `bank` and `district` are codes. From `closes_on` on no
    card is; `successor` is the code of the branch that goes on for it."""

    code: Text
    bank: Text
    name: Text
    name_en: Text
    district: Text
    address: Text
    address_en: Text
    phone: Text
    hours: Text
    hours_en: Text
    lat: Latitude
    lng: Longitude
    closes_on: Day = None
    successor: str = ""

    def is_open(self, day: date) -> bool:
        """Whether cards are handed out there on that day."""
        return self.closes_on is None or day < self.closes_on


@dataclass(frozen=True, config=_STRICT)
class Counter:
    """A counter of the social security office: the other way for everything."""

    name: Text
    name_en: Text
    district: Text
    address: Text
    address_en: Text
    hours: Text
    hours_en: Text
    phone: Text


@dataclass(frozen=True, config=_STRICT)
class Days:
    """The city's times, in the unit they name; `review`, `making`, `call_back` and `late` in
    working days."""

    review: Count
    making: Count
    correction: Count  # calendar days
    draft: Count  # calendar days
    photos: Count  # calendar days that photos of an ended application are kept
    left: Count  # calendar days after which an account that follows us no more is forgotten
    code_minutes: Count
    resend_seconds: Count
    call_back: Count
    correction_reminders: tuple[Count, ...] = (7, 3, 1)  # days before the last one, each once
    late: Count = 3  # working days of the new promise where one was missed
    notices: Count = 30  # calendar days in which it can be looked up what was sent


@dataclass(frozen=True, config=_STRICT)
class Quiet:
    """The hours of the day in which nobody is written to of their application: from `from_hour` on
    until `until_hour`, past midnight where that is the earlier one. Two equal hours: none."""

    from_hour: Hour = 21
    until_hour: Hour = 8

    def holds(self, hour: int) -> bool:
        """Whether this hour of the day is one of them."""
        return (hour - self.from_hour) % 24 < (self.until_hour - self.from_hour) % 24

    def ends(self, local: datetime) -> datetime:
        """The moment itself, or the end of the quiet hours that it lies in."""
        passed = (local.hour - self.from_hour) % 24
        length = (self.until_hour - self.from_hour) % 24
        if passed >= length:
            return local
        return local.replace(minute=0, second=0, microsecond=0) + timedelta(hours=length - passed)


@dataclass(frozen=True, config=_STRICT)
class Ages:
    """In years: below `guardian_below` a guardian applies, from `photo_from` on a photo is due."""

    guardian_below: Count
    photo_from: Count


@dataclass(frozen=True, config=_STRICT)
class Examples:
    """What residents are shown as a pattern: an address, and banks and a branch by code."""

    address: Text
    address_en: Text
    bank: Text
    post_bank: Text
    branch: Text


@dataclass(frozen=True, config=_STRICT)
class Fees:
    """What a card and handing it out cost, in whole yuan; who pays for the post, in words."""

    first: Annotated[int, Field(ge=0)]
    reissue: Annotated[int, Field(ge=0)]
    pickup: Annotated[int, Field(ge=0)]
    post: Text
    post_en: Text


@dataclass(frozen=True, config=_STRICT)
class Human:
    """When and how a person can be reached. `workdays`: only on the calendar's working days.

    `desk`: in these hours the chat itself is handed to the platform's desk. The bot is silent
    while a person speaks there, and again answers `desk_minutes` after the desk's last event: one
    that is lost must not silence it for ever.
    """

    phone: Text
    hours: Text
    hours_en: Text
    opens: time
    closes: time
    workdays: bool = True
    desk: bool = False
    desk_minutes: Count = 60


@dataclass(frozen=True, config=_STRICT)
class Scene:
    """A QR code of a campaign: who scans `key` is led to what `opens` names, an intent.

    The code of a branch, `branch-` and the branch's own code, needs no entry.
    """

    key: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    opens: Text


@dataclass(frozen=True, config=_STRICT)
class Photo:
    """What a photo may be: bytes and pixels at most, width and height in pixels at least."""

    max_bytes: Count
    max_pixels: Count
    min_width: Count
    min_height: Count
    types: tuple[Literal["jpeg", "png", "webp"], ...]


@dataclass(frozen=True, config=_STRICT)
class SmsTemplate:
    """A text registered with the SMS office under `id`; only `params` may be filled in."""

    id: Text
    text: Text
    params: tuple[Text, ...] = ()
