"""What the doctor asks Alipay: whether our signature is taken there, its clock, certificates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.channels.alipay.certificates import Certificates
from bot.channels.alipay.errors import GatewayError, Kind
from bot.channels.alipay.gateway import Gateway
from bot.channels.alipay.menu import published_menu
from bot.channels.alipay.remedies import remedy
from bot.doctor.clock import clocks
from bot.doctor.findings import Finding
from config.template_book import Wording

"""Of our clock against Alipay's: a time stamp ten minutes off is refused."""
ENOUGH_DAYS = 21
_RENEW = "draw a new one in the console, and set it here"


@dataclass(frozen=True, slots=True)
class Checkup:
    """One application, by the `name` its settings have: `alipay`, `alipay_mini`."""

    name: str
    gateway: Gateway
    now: datetime

    def signature(self) -> Iterator[Finding]:
        """The gateway takes our signature, and its answer holds: asked by what changes nothing."""
        try:
            published_menu(self.gateway)
        except GatewayError as fault:
            if fault.kind is not Kind.RIGHTS:
                told = f"{self.name}: the gateway refuses us: {fault.detail}"
                yield Finding("fault", told, remedy(fault))
                return
            yield Finding("ok", f"{self.name}: the gateway takes our signature, but for menus")
        else:
            yield Finding("ok", f"{self.name}: the gateway takes our signature, and ours its")
        yield from clocks(self.name, self.now, self.gateway.platform_time, "Alipay's")

    def certificates(self) -> Iterator[Finding]:
        """How long those of certificate mode still hold."""
        held = self.gateway.app.certificates
        for part, ends in held.ends.items() if held else ():
            days = (ends - self.now).days
            told = f"{self.name}_{part} holds for {days} days, until {ends:%Y-%m-%d}"
            if ends <= self.now:
                yield Finding("fault", f"{self.name}_{part} ended on {ends:%Y-%m-%d}", _RENEW)
            elif days < ENOUGH_DAYS:
                yield Finding("warning", told, _RENEW)
            else:
                yield Finding("ok", told)


def ended(certificates: Certificates | None, now: datetime) -> list[str]:
    """The certificates that hold no longer, by the last part of their setting's name."""
    return [
        part for part, ends in (certificates.ends if certificates else {}).items() if ends <= now
    ]


def wordings(
    place: str, wanted: Mapping[str, Wording], ids: Mapping[str, str]
) -> Iterator[Finding]:
    """Which wordings have no id in the city's profile. Alipay lists its templates by no call: what
    an id stands for shows when it is first used."""
    for name in ids:
        if name not in wanted:
            told = f"[{place}] {name}: no notice has such a wording"
            yield Finding("warning", told, f"remove it, or name one of {', '.join(wanted)}")
    missing = [wanted[name] for name in wanted if name not in ids]
    if missing:
        told = f"[{place}]: no id for {len(missing)} wordings, so notices take another road"
        yield Finding("warning", told, f"apply for {' · '.join(map(_described, missing))}")
    else:
        yield Finding("ok", f"[{place}]: every wording has an id")


def _described(wording: Wording) -> str:
    fields = "、".join(f"{slot.label}（{slot.key}）" for slot in wording.fields)
    return f"「{wording.title}」 with {fields}"
