"""The lane `push`: one thread, in which the loop of all calls runs, a slice at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import cast

from bot.ports import Rung
from bot.push.calls import Calls
from bot.push.flush import Flusher
from bot.push.gauges import RedisClient, Telling
from bot.push.ports import CALL_SECONDS, Bucket, Road
from bot.push.roads import push_rungs
from bot.push.sending import IN_FLIGHT, Sender
from bot.push.starting import Starting, step_of
from bot.work.desk import Tools
from bot.work.lane import Work
from models.push.lapsing import forsaken_campaigns, live_campaigns

SLICE_SECONDS = 2.0  # of one campaign, until whichever comes first by then
_CLOSE_SECONDS = CALL_SECONDS + 2.0  # the longest call, and the writing of its end
_KEYED = frozenset({"visit"})  # marking somebody twice is marking them once


class PushLane:
    """Claims the campaign that is to leave first, and sends for it. `roads`: by channel, and
    `sms`; a channel without one is not sent by. `worker` names this process's claims."""

    def __init__(
        self,
        tools: Tools,
        roads: Mapping[str, Road],
        bucket: Bucket,
        redis_client: RedisClient,
        worker: str,
        *,
        in_flight: int = IN_FLIGHT,
        slice_seconds: float = SLICE_SECONDS,
        close_roads: Callable[[], None] = lambda: None,
        hook: Callable[[str], None] = lambda point: None,
    ) -> None:
        @cache
        def keyed(road: str) -> bool:
            channel, _, rung = road.partition(":")
            if channel not in roads:
                return road in _KEYED
            return roads[channel].keyed(cast(Rung, rung or channel))

        served = {name: each for name, each in tools.channels.items() if name in roads}
        self._tools, self._seconds, self._close_roads = tools, slice_seconds, close_roads
        self._starting = Starting(tools, keyed)
        self._sender = Sender(
            Flusher(tools, push_rungs(served), keyed, hook),
            Calls(roads, tools.marks, hook),
            bucket,
            lambda: tools.sources.clock(),  # which a test may move
            Telling(redis_client, worker),
            in_flight=in_flight,
        )
        self._loop: asyncio.AbstractEventLoop | None = None

    def claim(self) -> Work | None:
        """What is to be done next: a slice of the campaign that leaves first, a step of the clock,
        or the end of what is still in flight."""
        now, city = self._tools.sources.clock(), self._tools.city
        with self._tools.database.reading() as records:
            steps = [
                (campaign, step)
                for campaign in live_campaigns(records)
                if (step := step_of(records, campaign, city, now))
            ]
            forsaken = forsaken_campaigns(records, now)
        moved = [self._starting.settle(campaign_id) for campaign_id in forsaken]
        moved += [
            self._starting.take(campaign.id, step) for campaign, step in steps if step != "send"
        ]
        for campaign, step in steps:
            if step == "send":
                return partial(self._send, campaign.id, float(campaign.rate))
        if any(moved):
            return _look_again
        return self._drain if self._sender.is_busy else None

    def close(self) -> None:
        """What is in flight comes to its end, and is written."""
        loop = self._loop
        if loop is None:
            return
        loop.run_until_complete(self._sender.close(_CLOSE_SECONDS))
        self._close_roads()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
        self._loop = None

    def _send(self, campaign_id: int, rate: float) -> None:
        self._open().run_until_complete(self._sender.send(campaign_id, rate, self._seconds))

    def _drain(self) -> None:
        self._open().run_until_complete(self._sender.drain(self._seconds))

    def _open(self) -> asyncio.AbstractEventLoop:
        """The loop, made in the thread that uses it."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
        return self._loop


def _look_again() -> None:
    """A step was taken: there may be another."""
