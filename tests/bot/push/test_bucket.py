"""What of an account's rate goes to the many."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
import redis as redis_py

from bot.push.bucket import AHEAD, RateBucket
from bot.rate import Rate
from bot.redis_client import connect_redis
from bot.work.pace import Pace
from config.city import load_city
from tests.bot.test_rate import begin, most_in_a_second
from tests.bot.turn.rig import account

CREDENTIAL = "wechat:wx1"


@pytest.fixture
def client(redis_url: str, redis: redis_py.Redis) -> Iterator[Any]:
    made = connect_redis(redis_url)
    begin(made, CREDENTIAL)
    yield made
    made.close()


async def sent(bucket: RateBucket, seconds: float, **asked: Any) -> list[float]:
    """The moments at which one who always has something to send begins its calls."""
    loop = asyncio.get_running_loop()
    moments: list[float] = []
    ends = loop.time() + seconds
    while loop.time() < ends:
        grant = await bucket.take(CREDENTIAL, 20, **asked)
        for start in grant.starts:
            await asyncio.sleep(start - loop.time())
            if (now := loop.time()) <= start + grant.late_after:
                moments.append(now)
        await asyncio.sleep(0.005)
    return moments


def test_the_many_and_the_single_together_keep_to_the_rate_in_every_second(client: Any) -> None:
    rate = Rate(client, 2)
    bucket = RateBucket(rate, lambda _: 60.0, 0.9)
    pace = Pace(rate, lambda _: 60.0)

    def single() -> list[float]:
        moments, ends = [], time.monotonic() + 2.2
        while time.monotonic() < ends:
            if pace.wait(account()) == 0 and pace.keep(account()) == 0:
                moments.append(time.monotonic())
        return moments

    async def both() -> tuple[list[float], list[float], list[float]]:
        return await asyncio.gather(sent(bucket, 2.2), sent(bucket, 2.2), asyncio.to_thread(single))

    first, second, singles = asyncio.run(both())
    bucket.close()
    assert most_in_a_second(first + second) <= 54
    assert most_in_a_second(first + second + singles) <= 60
    assert len(first) > 5
    assert len(second) > 5
    assert len(singles) > 5, "who sends one by one is not starved by the many"


def test_a_flushed_redis_in_the_middle_lets_no_second_hold_more(client: Any) -> None:
    bucket = RateBucket(Rate(client, 2), lambda _: 100.0, 0.9)

    async def run() -> list[float]:
        sending = asyncio.create_task(sent(bucket, 2.6))
        await asyncio.sleep(1.1)
        await asyncio.to_thread(client.flushall)
        return await sending

    moments = asyncio.run(run())
    bucket.close()
    gaps = [b - a for a, b in pairwise(moments)]
    assert max(gaps) >= 0.85, "a second without, less what had been given out"
    assert most_in_a_second(moments) <= 90
    assert len(moments) > 90


def test_a_campaign_goes_no_faster_than_it_may(client: Any) -> None:
    bucket = RateBucket(Rate(client, 2), lambda _: 100.0, 0.9)
    moments = asyncio.run(sent(bucket, 1.5, campaign=7, rate=10))
    bucket.close()
    assert 8 < len(moments) <= 16
    assert most_in_a_second(moments) <= 10


def test_whoever_has_no_rate_waits_for_nobody(client: Any) -> None:
    bucket = RateBucket(Rate(client, 2), load_city().sends_per_second, 0.9)

    async def run() -> None:
        now = asyncio.get_running_loop().time()
        grant = await bucket.take("sms:", 500)
        assert len(grant.starts) == 500
        assert max(grant.starts) - now < AHEAD
        assert (await bucket.take("sms:", 0)).starts == ()
        assert len((await bucket.take("wechat:wx1", 500)).starts) in range(3, 6)

    asyncio.run(run())
    bucket.close()


def test_redis_is_not_asked_while_the_line_is_full(client: Any) -> None:
    calls: list[int] = []

    class Counted(Rate):
        def take(self, *given: Any, **more: Any) -> Any:
            calls.append(1)
            return super().take(*given, **more)

    bucket = RateBucket(Counted(client, 2), lambda _: 1.0, 0.9)

    async def run() -> None:
        for _ in range(50):
            await bucket.take(CREDENTIAL, 5)

    asyncio.run(run())
    bucket.close()
    assert len(calls) == 2
