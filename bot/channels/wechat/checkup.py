"""What the doctor asks the platform: a token, its clock, its addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.channels.wechat.client import PlatformClient
from bot.channels.wechat.errors import PlatformError
from bot.channels.wechat.remedies import remedy
from bot.doctor.clock import clocks
from bot.doctor.findings import Finding

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
        yield from clocks(self.name, self.clock(), self.client.platform_time, "the platform's")

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
