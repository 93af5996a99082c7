"""One call, by its road or by the marks that wait for a visit: whatever happens, it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import structlog

from bot.dialogue.messages import AccountKey
from bot.push.outcomes import Call
from bot.push.ports import Result, Road
from bot.sessions import SessionsAway

log = structlog.get_logger(__name__)


class Marks(Protocol):
    """`bot.sessions.ParkedMarks`."""

    def mark(self, account: AccountKey) -> None:
        """Raises SessionsAway."""


class Calls:
    """Makes them. `hook` is for crash tests."""

    def __init__(
        self, roads: Mapping[str, Road], marks: Marks, hook: Callable[[str], None]
    ) -> None:
        self._roads, self._marks, self._hook = roads, marks, hook
        self._marking = ThreadPoolExecutor(1, thread_name_prefix="push-marks")

    async def make(self, call: Call) -> Result:
        """By its road. Raises CancelledError alone."""
        self._hook("push call")
        road = self._roads.get(call.road.partition(":")[0])
        if road is None or call.outgoing is None:
            return Result("account", "not served")
        try:
            result = await road.send(call.outgoing)
        except Exception as fault:  # a road never raises; if it does, nobody knows
            log.error("a road stumbled", road=call.road, fault=type(fault).__name__)
            result = Result("unknown", type(fault).__name__)
        self._hook("push answered")
        return result

    async def mark(self, calls: Sequence[Call]) -> list[Result]:
        """Say for each that something waits for a visit, by whichever account it is made."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._marking, self._mark_all, calls)
        self._hook("push visits marked")
        return found

    def close(self) -> None:
        """Let go of the thread."""
        self._marking.shutdown(wait=True)

    def _mark_all(self, calls: Sequence[Call]) -> list[Result]:
        return [self._mark(call) for call in calls]

    def _mark(self, call: Call) -> Result:
        try:
            for account in call.marks:
                self._marks.mark(account)
        except SessionsAway as away:
            log.warning("visit not marked", fault=type(away).__name__)
            return Result("transient", "unmarked")
        return Result()
