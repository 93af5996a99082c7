"""The pace of pushes: what of an account's rate goes to the many, by `bot.rate`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from bot.push.ports import Grant
from bot.rate import Rate

AHEAD = 0.2
"""Seconds ahead that places are taken: what a pause or a stop lets through at most."""


class RateBucket:
    """`ports.Bucket` over the line that single notices wait in too.

    Campaigns together get `share` of an account's rate. Of two campaigns of one account each takes
    what it asks for, whoever comes first.
    """

    def __init__(
        self,
        rate: Rate,
        per_second: Callable[[str], float],
        share: float,
        pool: ThreadPoolExecutor | None = None,
    ) -> None:
        """`per_second`: what an account may, by its credential; 0: as fast as may be. Redis is
        asked in a thread of `pool`, one after the other."""
        self._rate, self._per_second, self._share = rate, per_second, share
        self._pool = pool or ThreadPoolExecutor(1, thread_name_prefix="push-rate")
        self._not_before: dict[tuple[str, int], float] = {}

    async def take(
        self, credential: str, most: int, *, campaign: int = 0, rate: float = 0.0
    ) -> Grant:
        """See `ports.Bucket`."""
        if most < 1:
            return Grant((), 0.0)
        loop = asyncio.get_running_loop()
        limits = self._limits(credential, campaign, rate)
        if not limits:
            return Grant((loop.time(),) * most, AHEAD)
        asked = (credential, campaign)
        if loop.time() < self._not_before.get(asked, 0.0):
            return Grant((), 0.0)
        places = await loop.run_in_executor(self._pool, self._rate.take, limits, most, AHEAD)
        now = loop.time()
        if not places.starts:
            self._not_before[asked] = now + min(places.wait, AHEAD)
            return Grant((), 0.0)
        apart = now - time.monotonic()  # 0, but for loops with a clock of their own
        return Grant(tuple(start + apart for start in places.starts), places.late_after)

    def _limits(self, credential: str, campaign: int, rate: float) -> dict[str, float]:
        whole = self._per_second(credential)
        limits = {credential: whole, f"{credential}:bulk": whole * self._share} if whole else {}
        if rate:
            limits[f"campaign:{campaign}"] = rate
        return limits

    def close(self) -> None:
        """Let go of the thread."""
        self._pool.shutdown(wait=False, cancel_futures=True)
