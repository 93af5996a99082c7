"""The line of places that all processes share: its arithmetic, and what it does in bad times."""

from __future__ import annotations

import bisect
import math
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import redis as redis_py
from hypothesis import given
from hypothesis import strategies as some

from bot.demo.redis_process import RedisProcess, socket_folder
from bot.rate import _ALONE_MOST, _ASK_AGAIN, JITTER, LATE, MOST, Rate, key_of, spacing
from bot.redis_client import connect_redis
from tests.bot.turn.processes import forked

ACCOUNT = "wechat:wx1"


def most_in_a_second(moments: list[float]) -> int:
    """Of all half-open seconds, wherever they begin: each that is full begins with an arrival."""
    ordered = sorted(moments)
    return max(bisect.bisect_left(ordered, each + 1) - n for n, each in enumerate(ordered))


class Times:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def client(redis_url: str, redis: redis_py.Redis) -> Iterator[Any]:
    made = connect_redis(redis_url)
    yield made
    made.close()


@pytest.fixture
def rate(client: Any) -> Rate:
    return Rate(client, 2)


def begin(client: Any, *names: str) -> None:
    """The line as it is when nobody has sent for a while."""
    for name in names or (ACCOUNT,):
        client.set(key_of(name), "1")


# --- the arithmetic ---


@given(
    some.floats(0.2, 5000),
    some.lists(some.floats(0, JITTER), min_size=2, max_size=60),
    some.integers(1, 12),
)
def test_no_second_holds_more_arrivals_than_the_rate_however_late_each_is(
    per_second: float, late: list[float], repeated: int
) -> None:
    # In whole microseconds, as the places are: the bound is met to the last one.
    lateness = [round(each * 1e6) for each in late] * repeated
    arrivals = [n * spacing(per_second) + each for n, each in enumerate(lateness)]
    assert most_in_a_second([each / 1e6 for each in arrivals]) <= math.ceil(per_second)


@given(some.floats(0.2, 100_000))
def test_the_price_of_being_strict_is_known(per_second: float) -> None:
    assert 1e6 * (1 + JITTER) <= spacing(per_second) * per_second < 1e6 * (1 + JITTER) + per_second


def test_a_second_is_full_when_the_first_is_late_and_the_last_is_not() -> None:
    places = [n * spacing(20) / 1e6 for n in range(21)]
    assert most_in_a_second([max(each, JITTER) for each in places]) == 20
    later = JITTER + 0.001
    assert most_in_a_second([max(each, later) for each in places]) == 21, "the bound is tight"


# --- the line ---


def test_all_takers_of_an_account_stand_in_one_line(client: Any, rate: Rate) -> None:
    begin(client)
    others = Rate(client, 2)
    bulk = {ACCOUNT: 200.0, f"{ACCOUNT}:bulk": 180.0}
    starts: list[float] = []
    of_bulk: list[float] = []
    for _ in range(12):
        starts += rate.take({ACCOUNT: 200.0}, 1, MOST).starts
        of_bulk += others.take(bulk, 3, 0.5).starts
    assert len(starts) == 12
    assert len(of_bulk) == 36
    whole = sorted(starts + of_bulk)
    # Two processes read the clock of their own at other moments: by a call's length each.
    near = LATE / 4
    assert min(b - a for a, b in pairwise(whole)) > 1.1 / 200 - near
    assert whole[-1] - whole[0] >= 47 * 1.1 / 200 - near
    inside = [b - a for n, (a, b) in enumerate(pairwise(of_bulk)) if n % 3 < 2]
    assert inside == pytest.approx([spacing(180) / 1e6] * len(inside))


def test_no_place_is_further_ahead_than_was_asked(client: Any, rate: Rate) -> None:
    begin(client)
    before = time.monotonic()
    found = rate.take({ACCOUNT: 100.0}, 1000, 0.2)
    assert 17 <= len(found.starts) <= 19
    assert found.starts[-1] <= time.monotonic() + 0.2
    assert found.starts[0] >= before
    assert 0 < found.late_after <= LATE
    again = rate.take({ACCOUNT: 100.0}, 1000, 0.2)
    assert len(again.starts) < 17
    assert rate.take({ACCOUNT: 100.0}, 0, 0.2).starts == ()


def test_a_slow_campaign_leaves_the_line_to_the_others(client: Any, rate: Rate) -> None:
    begin(client)
    slow = {ACCOUNT: 100.0, f"{ACCOUNT}:bulk": 90.0, "campaign:1": 5.0}
    first = rate.take(slow, 50, 0.2)
    assert len(first.starts) == 1
    second = rate.take(slow, 50, 0.5)
    assert second.starts == ()
    assert 0.1 < second.wait <= 0.22
    swift = rate.take({ACCOUNT: 100.0, f"{ACCOUNT}:bulk": 90.0}, 50, 0.2)
    assert len(swift.starts) > 10


def test_a_campaigns_rate_holds_over_all_its_accounts(client: Any, rate: Rate) -> None:
    begin(client, "wechat:wx1", "alipay:2021")
    taken = [
        rate.take({name: 1000.0, "campaign:1": 10.0}, 9, MOST)
        for name in ("wechat:wx1", "alipay:2021")
    ]
    assert [len(each.starts) for each in taken] == [1, 0]


def test_the_first_place_after_a_loss_is_a_full_second_and_more_away(
    client: Any, rate: Rate
) -> None:
    begin(client)
    rate.take({ACCOUNT: 10.0}, 100, 0.5)
    client.flushall()
    lost = rate.take({ACCOUNT: 10.0}, 1, MOST)
    assert lost.starts == ()
    assert lost.wait == pytest.approx(spacing(10) / 1e6, abs=0.001), "beyond all given out before"
    client.decrby(key_of(ACCOUNT), 200_000)  # as if that much time had gone by
    found = rate.take({ACCOUNT: 10.0}, 1, MOST)
    assert 0.7 < found.starts[0] - time.monotonic() <= 0.91


def test_processes_that_know_nothing_of_each_other_share_the_line(
    redis_url: str, client: Any
) -> None:
    begin(client)

    def child() -> str:
        mine = Rate(connect_redis(redis_url), 2)
        taken: list[float] = []
        ends = time.monotonic() + 1.2
        while time.monotonic() < ends:
            found = mine.take({ACCOUNT: 100.0, f"{ACCOUNT}:bulk": 90.0}, 4, 0.1)
            taken += found.starts
            if not found.starts:
                time.sleep(0.005)
        return " ".join(map(repr, taken))

    children = [forked(child) for _ in range(2)]
    told = [[float(each) for each in (one.answer() or "").split()] for one in children]
    assert all(told), "both of them got places"
    assert most_in_a_second(told[0] + told[1]) <= 90


# --- without Redis ---


class Fickle:
    """A Redis that goes and comes."""

    def __init__(self, client: Any) -> None:
        self.client, self.is_there, self.asked = client, True, 0

    def register_script(self, script: str) -> Any:
        real = self.client.register_script(script)

        def call(keys: list[str], args: list[Any]) -> Any:
            self.asked += 1
            if not self.is_there:
                raise redis_py.ConnectionError
            return real(keys=keys, args=args)

        return call


def test_without_redis_a_process_sends_at_the_safe_rate_and_looks_twice_a_second(
    client: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    begin(client)
    times, fickle = Times(), Fickle(client)
    rate = Rate(fickle, 2, times)
    known = rate.take({ACCOUNT: 50.0}, 3, 0.2)
    assert len(known.starts) == 3
    fickle.is_there = False
    starts: list[float] = []
    ends = times.now + 20
    while times.now < ends:
        found = rate.take({ACCOUNT: 50.0, f"{ACCOUNT}:bulk": 45.0}, 10, 0.2)
        starts += found.starts
        times.now += 0.02
    assert starts[0] >= known.starts[-1] + 1, "what Redis gave out is over before"
    assert most_in_a_second(starts) <= 2
    assert len(starts) in range(33, 36), "no slower than it must"
    assert 30 < fickle.asked < 45
    assert max(found.starts, default=0) <= times.now + _ALONE_MOST
    fickle.is_there = True
    times.now += _ASK_AGAIN
    again = rate.take({ACCOUNT: 50.0}, 10, MOST)
    assert again.starts == ()
    assert again.wait > 0, "others are alone for a little longer"
    assert "".join(capfd.readouterr()).count("rate without redis") == 1


def test_a_redis_that_was_killed_and_came_back_empty_gives_no_place_twice(tmp_path: Path) -> None:
    folder = socket_folder()
    server = RedisProcess(folder / "redis.sock", folder, durable=False)
    server.wait()
    rate = Rate(connect_redis(server.url), 5)
    arrivals: list[float] = []
    limits = {ACCOUNT: 40.0}

    def go(seconds: float) -> None:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            arrivals.extend(rate.take(limits, 3, 0.2).starts)
            time.sleep(0.01)

    go(1.6)
    server.stop()
    before = len(arrivals)
    go(1.6)
    alone = len(arrivals)
    server = RedisProcess(folder / "redis.sock", folder, durable=False)
    try:
        server.wait()
        go(2.2)
    finally:
        server.stop()
    assert before > 10
    assert alone - before in range(1, 5), "the safe rate, after a second"
    assert len(arrivals) - alone > 10
    assert most_in_a_second(arrivals) <= 40
