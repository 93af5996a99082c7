"""The clients of all offices, put together from their addresses."""

from __future__ import annotations

from dataclasses import dataclass

from bot.offices.card_making import HttpCardMakingOffice
from bot.offices.http import OfficeHttp
from bot.offices.identity import HttpIdentityOffice
from bot.offices.portraits import HttpPortraitOffice
from bot.offices.sms import HttpSmsOffice
from bot.ports import Offices, Reader, Studio


@dataclass(frozen=True, slots=True)
class Addresses:
    """The base address of each office, e.g. `https://host/identity`; `/v1/…` is added to it."""

    identity: str
    portraits: str
    card_making: str
    sms: str


def connect_offices(
    addresses: Addresses, key: str, reader: Reader | None, studio: Studio | None = None
) -> Offices:
    """Clients for `addresses`, signing with `key`. Nothing is called until one is used."""
    return Offices(
        identity=HttpIdentityOffice(OfficeHttp("identity", addresses.identity, key)),
        portraits=HttpPortraitOffice(OfficeHttp("portraits", addresses.portraits, key)),
        card_making=HttpCardMakingOffice(OfficeHttp("card_making", addresses.card_making, key)),
        sms=HttpSmsOffice(OfficeHttp("sms", addresses.sms, key)),
        reader=reader,
        studio=studio,
    )
