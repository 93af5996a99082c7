"""Whether our clock agrees with a platform's: what is signed or fresh there goes by the time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bot.doctor.findings import Finding

SKEW_SECONDS = 60.0


def clocks(name: str, ours: datetime, theirs: datetime | None, whose: str) -> Iterator[Finding]:
    """Of the account `name`; nothing where the platform told no time. `whose` clock it is, in
    words."""
    if theirs is None:
        return
    ahead = (ours - theirs).total_seconds()
    if abs(ahead) <= SKEW_SECONDS:
        yield Finding("ok", f"{name}: our clock agrees with {whose}")
        return
    way = "ahead of" if ahead > 0 else "behind"
    told = f"{name}: our clock is {abs(ahead):.0f} seconds {way} {whose}"
    yield Finding("fault", told, "set the clock by NTP (timedatectl set-ntp true)")
