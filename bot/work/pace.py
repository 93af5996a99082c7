"""How fast single notices leave: no faster than their results can come back to us.

A template message has its result pushed to the webhook. Tens of thousands at once came back as an
alarm of the platform; all workers of an account share one line of places (`bot.rate`), and wait in
it together with what many people are sent.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from bot.dialogue.messages import AccountKey
from bot.rate import LATE, MOST, Rate

MOST_SECONDS = 2 * MOST
"""That a thread sleeps for its place; a claim lasts longer."""


class Pace:
    """`per_second` sends of each account, over all processes; 0: as fast as may be."""

    def __init__(
        self,
        rate: Rate,
        per_second: Callable[[str], float],
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`per_second`: by an account's credential (channel:app)."""
        self._rate, self._per_second = rate, per_second
        self._sleep, self._clock = sleep, clock
        self._mine = threading.local()

    def wait(self, account: AccountKey) -> float:
        """Sleep until it is this send's turn, and return 0; or the seconds after which to ask
        again, where there are too many before it."""
        credential = f"{account.channel}:{account.app}"
        per_second = self._per_second(credential)
        if not per_second:
            return 0.0
        slept = 0.0
        while True:
            places = self._rate.take({credential: per_second}, 1, MOST)
            if places.starts:
                break
            pause = max(places.wait, LATE)
            if slept + pause > MOST_SECONDS - MOST:
                return MOST + pause
            self._sleep(pause)
            slept += pause
        self._mine.until = places.starts[0] + places.late_after
        if (seconds := places.starts[0] - self._clock()) > 0:
            self._sleep(seconds)
        return 0.0

    def keep(self, account: AccountKey) -> float:
        """Directly before the call: the same again if the place that this thread waited for is
        over, because writing that the call is made took too long."""
        until: float | None = getattr(self._mine, "until", None)
        return 0.0 if until is None or self._clock() <= until else self.wait(account)
