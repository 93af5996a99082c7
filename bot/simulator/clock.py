"""The platform's clock: the configured one, and a shift that scripts may set."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta


class ShiftedClock:
    """Tells the time of quotas, expiry and shown messages.

    Signatures keep the unshifted time (`signing`), for the service checks them with its own clock.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.shift = timedelta()

    def __call__(self) -> datetime:
        return self._clock() + self.shift

    def seconds(self) -> float:
        """Unix time, shifted."""
        return self().timestamp()

    def signing(self) -> int:
        """Unix time in whole seconds, not shifted."""
        return int(self._clock().timestamp())
