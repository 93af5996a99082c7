"""What the doctor asks the platform: a token, its clock, its addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.channels.wechat.client import PlatformClient
from bot.channels.wechat.errors import PlatformError
from bot.channels.wechat.remedies import remedy
from bot.doctor.findings import Finding

SKEW_SECONDS = 60.0
"""Of our clock against the platform's: pushes are taken for stale, signatures for old."""


@dataclass(frozen=True, slots=True)
class Checkup:
    """One account, by the `name` its settings have: `wechat`, `wechat_mini`."""

    name: str
    client: PlatformClient
    clock: Callable[[], datetime]

    def token(self) -> Iterator[Finding]:
        """A token is to be had, and the platform's clock is ours."""
        try:
            life = self.client.token_life()
        except PlatformError as fault:
            yield self.refused("no access token", fault)
        else:
            yield Finding("ok", f"{self.name}: access token obtained, for {life / 60:.0f} minutes")
        yield from self._time()

    def _time(self) -> Iterator[Finding]:
        theirs = self.client.platform_time
        if theirs is None:
            return
        ahead = (self.clock() - theirs).total_seconds()
        if abs(ahead) <= SKEW_SECONDS:
            yield Finding("ok", f"{self.name}: our clock agrees with the platform's")
            return
        way = "ahead of" if ahead > 0 else "behind"
        told = f"{self.name}: our clock is {abs(ahead):.0f} seconds {way} the platform's"
        yield Finding("fault", told, "set the clock by NTP (timedatectl set-ntp true)")

    def addresses(self) -> Iterator[Finding]:
        """The platform lets this machine ask, and tells where it pushes from."""
        try:
            pushing, serving = self.client.callback_addresses(), self.client.api_addresses()
        except PlatformError as fault:
            yield self.refused("no list of addresses", fault)
            return
        told = f"pushes come from {len(pushing)} addresses, the API is at {len(serving)}"
        yield Finding("ok", f"{self.name}: this machine may call; {told}")

    def refused(self, what: str, fault: PlatformError) -> Finding:
        """A call that was not answered, with what to do about it."""
        return Finding("fault", f"{self.name}: {what}: {fault.detail}", remedy(fault))
