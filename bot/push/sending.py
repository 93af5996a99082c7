"""The loop that makes the calls: many in flight, each marked before, begun at its place in the
account's pace, and written down when it has ended."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, cast

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.push.bound import Breaker
from bot.push.calls import Calls
from bot.push.flush import Flushed, Flusher
from bot.push.gauges import Telling
from bot.push.lines import READY_SECONDS, Lines, Start
from bot.push.outcomes import Call, Ended, ended, unbegun
from bot.push.ports import CALL_SECONDS, Bucket, Result
from bot.push.roads import SMS, VISIT
from bot.push.threaded_road import THREADS

IN_FLIGHT = 1024
_ROUND = 0.010  # seconds between two transactions
_IDLE = 0.020  # without a place, or a slot
_AT_ONCE = 512  # calls of one transaction
_SOON = 0.02  # after a transaction a call that it marked begins
_FAULT_PAUSE = 0.2
_LONGEST = timedelta(seconds=CALL_SECONDS)

log = structlog.get_logger(__name__)


class Sender:
    """Sends for all campaigns of one worker, in one event loop. `in_flight`: calls that are marked
    and whose end is not written, at most. `chance`, from 0 to 1, spreads retries."""

    def __init__(
        self,
        flusher: Flusher,
        calls: Calls,
        bucket: Bucket,
        clock: Callable[[], datetime],
        telling: Telling,
        *,
        in_flight: int = IN_FLIGHT,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._flusher, self._calls, self._lines = flusher, calls, Lines(bucket)
        self._clock, self._telling, self._chance, self._most = clock, telling, chance, in_flight
        self._out = 0  # marked, and not ended
        self._written_in = 0.0  # seconds that a transaction takes, by those of late
        self._ended: dict[int, list[Ended]] = {}
        self._rates: dict[int, float] = {}
        self._tripped: dict[int, str] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._ticks: dict[int, list[Start]] = {}
        self._breaker, self._news = Breaker(), asyncio.Event()
        self._sms = asyncio.Semaphore(THREADS)
        self._records = ThreadPoolExecutor(1, thread_name_prefix="push-records")

    @property
    def is_busy(self) -> bool:
        """Whether calls are on their way, or their ends not written yet."""
        return bool(self._out or self._ended)

    async def send(self, campaign_id: int, rate: float, seconds: float) -> None:
        """Send for a campaign for so many seconds, or until there is nothing more to take just now;
        `rate` is its own, 0: as the accounts may. Calls may still be in flight afterwards."""
        loop = asyncio.get_running_loop()
        self._rates[campaign_id] = rate
        until, more = loop.time() + seconds, True
        while more and loop.time() < until:
            began, free = loop.time(), self._free()
            await self._take_places(campaign_id, free)
            limit = self._lines.room(campaign_id, free, loop.time() + _SOON + self._written_in)
            await self._write(but=campaign_id)
            if limit or campaign_id in self._ended:
                flushed = await self._flush(campaign_id, limit)
                more = flushed.more or not limit
                self._add(campaign_id, flushed.calls)
            more = more and not await self._pause_tripped(campaign_id)
            await self._rest(began, idle=not limit)
        self._lines.forget(campaign_id)

    async def drain(self, seconds: float) -> None:
        """See what is on its way to its end, for so long at most; take nothing new."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while self.is_busy and loop.time() < until:
            began = loop.time()
            for campaign_id in self._lines.waiting():
                await self._take_places(campaign_id, 0)
            await self._write()
            for campaign_id in list(self._tripped):
                await self._pause_tripped(campaign_id)
            await self._rest(began, idle=True)

    async def close(self, seconds: float) -> None:
        """Give back what was not begun, and see the rest to its end."""
        self._give_back(float("inf"))
        await self.drain(seconds)
        self._telling.tell(self._telling.figures(self._out))
        self._records.shutdown(wait=True)
        self._calls.close()

    # --- calls --------------------------------------------------------------------------

    def _free(self) -> int:
        return max(0, min(self._most - self._out, _AT_ONCE))

    async def _take_places(self, campaign_id: int, free: int) -> None:
        now, rate = asyncio.get_running_loop().time(), self._rates.get(campaign_id, 0.0)
        if not await self._lines.take_places(campaign_id, free, rate, now):
            self._telling.waited()
        self._begin()

    def _add(self, campaign_id: int, calls: Sequence[Call]) -> None:
        """Calls that were marked just now."""
        if calls:
            self._out += len(calls)
            self._lines.add(campaign_id, calls, asyncio.get_running_loop().time())
            self._begin()

    def _begin(self) -> None:
        """Whoever has a place begins at it; who waited too long for one is given back."""
        loop = asyncio.get_running_loop()
        now, visits = loop.time(), list[Call]()
        for start in self._lines.starts(now):
            if start.call.road == VISIT:
                visits.append(start.call)
            elif start.at <= now:
                self._start(start)
            else:
                self._start_at(start, loop)
        if visits:
            self._run(self._mark(visits))
        self._give_back(now - READY_SECONDS)

    def _start_at(self, start: Start, loop: asyncio.AbstractEventLoop) -> None:
        """One timer for all of a millisecond, which is as near as the loop comes anyway."""
        tick = math.ceil(start.at * 1000)
        starts = self._ticks.get(tick)
        if starts is None:
            starts = self._ticks[tick] = []
            loop.call_at(tick / 1000, self._start_all, tick)
        starts.append(start)

    def _start_all(self, tick: int) -> None:
        for start in self._ticks.pop(tick):
            self._start(start)

    def _start(self, start: Start) -> None:
        if asyncio.get_running_loop().time() > start.until:
            self._lines.again(start)
        else:
            self._run((self._make_sms if start.call.road == SMS else self._make)(start.call))

    async def _make_sms(self, call: Call) -> None:
        async with self._sms:  # whose calls wait in threads: no more than there are of these
            await self._make(call)

    async def _make(self, call: Call) -> None:
        if (
            self._clock() + _LONGEST > call.lease_until
        ):  # it waited too long, or this process stood still
            self._note(unbegun(call, self._clock()))
            return
        result = await self._calls.make(call)
        self._end(call, result)
        now = asyncio.get_running_loop().time()
        if why := self._breaker.note(call.credential, call.road, result, now):
            self._tripped[call.campaign_id] = why

    async def _mark(self, calls: Sequence[Call]) -> None:
        for call, result in zip(calls, await self._calls.mark(calls), strict=True):
            self._end(call, result)

    def _end(self, call: Call, result: Result) -> None:
        keyed = self._flusher.keyed(call.road)
        self._telling.ended(call.road, result.reason or "sent")
        self._note(ended(call, result, keyed, self._clock(), self._chance()))

    def _give_back(self, before: float) -> None:
        for call in self._lines.stale(before):
            self._note(unbegun(call, self._clock()))

    def _note(self, end: Ended) -> None:
        self._ended.setdefault(end.call.campaign_id, []).append(end)
        self._out -= 1
        self._news.set()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(self._kept(work))
        self._tasks.add(task)

    async def _kept(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        finally:  # here: a callback would be another turn of the loop for each call
            self._tasks.discard(cast("asyncio.Task[None]", asyncio.current_task()))

    # --- records ------------------------------------------------------------------------

    async def _write(self, but: int = 0) -> None:
        """The ends of all campaigns but one."""
        for campaign_id in [each for each in self._ended if each != but]:
            await self._flush(campaign_id, 0)

    async def _flush(self, campaign_id: int, limit: int) -> Flushed:
        ends = self._ended.pop(campaign_id, [])
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            flushed = await loop.run_in_executor(
                self._records, self._flusher.flush, campaign_id, ends, limit
            )
        except BaseException as fault:
            if ends:
                self._ended[campaign_id] = ends + self._ended.get(campaign_id, [])
            if not isinstance(fault, SQLAlchemyError):
                raise
            log.warning("push not written", campaign=campaign_id, fault=type(fault).__name__)
            await asyncio.sleep(_FAULT_PAUSE)
            return Flushed(more=True)
        self._written_in += 0.2 * (loop.time() - began - self._written_in)
        # Marked again after the commit: a turn before it found nothing, and cleared the first mark.
        # What was sent and expects answers is marked then alone: before there is nothing to find.
        ended = ("visit", "sent", "unknown")
        told = [e.call for e in flushed.written if e.end.state in ended and e.call.marks]
        if told:
            self._run(self._mark_again(told))
        return flushed

    async def _mark_again(self, calls: Sequence[Call]) -> None:
        await self._calls.mark(calls)

    async def _pause_tripped(self, campaign_id: int) -> bool:
        why = self._tripped.pop(campaign_id, "")
        if why:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._records, self._flusher.pause, campaign_id, why)
        return bool(why)

    async def _rest(self, began: float, *, idle: bool) -> None:
        """Until the next transaction is worth it; sooner where a call ends and none was."""
        loop = asyncio.get_running_loop()
        if self._telling.is_due():
            figures = self._telling.figures(self._out)
            await loop.run_in_executor(self._records, self._telling.tell, figures)
        if idle and not self._ended:
            self._news.clear()
            try:
                async with asyncio.timeout(_IDLE):
                    await self._news.wait()
            except TimeoutError:
                pass
        if (left := began + _ROUND - loop.time()) > 0:
            await asyncio.sleep(left)
