"""One token for all processes, fetched by one of them at a time. A real Redis, no platform."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.channels.wechat.errors import Kind, PlatformError
from bot.channels.wechat.tokens import EARLY, LOCK_SECONDS, AccessTokens
from models.sealing import Keyring

_APP_ID = "wx0123456789abcdef"
_KEYS = Keyring([(1, b"d" * 32)], b"i" * 32)


class _Platform:
    """`stable_token`: the same token until it is forced or near its end."""

    def __init__(self, now: Callable[[], float], slow: float = 0.0) -> None:
        self.asked: list[bool] = []
        self.number, self.ends = 0, 0.0
        self.fault: PlatformError | None = None
        self._now, self._slow = now, slow

    def fetch(self, force: bool) -> tuple[str, float]:
        self.asked.append(force)
        time.sleep(self._slow)
        if self.fault:
            raise self.fault
        if force or self._now() > self.ends - 300:
            self.number, self.ends = self.number + 1, self._now() + 7200
        return f"token-{self.number}", self.ends - self._now()


class _Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> _Clock:
    return _Clock()


@pytest.fixture
def platform(clock: _Clock) -> _Platform:
    return _Platform(clock)


@pytest.fixture
def process(redis: Redis, clock: _Clock) -> Callable[[], AccessTokens]:
    """Makes what another process would hold: the same Redis, nothing else in common."""
    return lambda: AccessTokens(redis, _APP_ID, _KEYS, clock=clock)


@pytest.fixture
def cut_off(clock: _Clock) -> Iterator[AccessTokens]:
    """A process whose Redis is away."""
    away = Redis(host="127.0.0.1", port=9, socket_timeout=0.2, retry=Retry(NoBackoff(), 0))
    yield AccessTokens(away, _APP_ID, _KEYS, clock=clock)
    away.close()


def _not_asked(force: bool) -> tuple[str, float]:
    raise AssertionError("asked the platform")


Process = Callable[[], AccessTokens]


def test_twenty_cold_processes_fetch_once(process: Process, clock: _Clock) -> None:
    platform = _Platform(clock, slow=0.1)
    got: list[str] = []
    start = threading.Barrier(20)

    def run() -> None:
        tokens = process()
        start.wait()
        got.append(tokens.current(platform.fetch, 3.0))

    threads = [threading.Thread(target=run) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == ["token-1"] * 20
    assert platform.asked == [False]


def test_twenty_processes_with_a_dead_token_renew_once(process: Process, clock: _Clock) -> None:
    platform = _Platform(clock, slow=0.05)
    holders = [process() for _ in range(20)]
    for tokens in holders:
        tokens.current(platform.fetch, 1.0)
    got: list[str] = []

    def run(tokens: AccessTokens) -> None:
        got.append(tokens.renew("token-1", platform.fetch, 3.0))

    threads = [threading.Thread(target=run, args=[tokens]) for tokens in holders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == ["token-2"] * 20
    assert platform.asked == [False, False, True], "asked plainly before it is forced"


def test_a_token_is_replaced_before_its_end(
    process: Process, platform: _Platform, clock: _Clock
) -> None:
    process().current(platform.fetch, 1.0)
    clock.now += 7200 - EARLY - 1
    assert process().current(platform.fetch, 1.0) == "token-1"
    clock.now += 2
    assert process().current(platform.fetch, 1.0) == "token-2"


def test_a_process_keeps_what_it_read_for_a_minute(
    process: Process, platform: _Platform, clock: _Clock, redis: Redis
) -> None:
    tokens = process()
    tokens.current(platform.fetch, 1.0)
    redis.flushall()
    clock.now += 59
    assert tokens.current(platform.fetch, 1.0) == "token-1"
    assert len(platform.asked) == 1
    clock.now += 2
    tokens.current(platform.fetch, 1.0)
    assert len(platform.asked) == 2


def test_while_one_process_fetches_the_others_use_the_old_token(
    process: Process, platform: _Platform, clock: _Clock, redis: Redis
) -> None:
    process().current(platform.fetch, 1.0)
    clock.now += 7200 - 200
    redis.set(f"{{wechat:{_APP_ID}}}:token:lock", "another process")
    assert process().current(platform.fetch, 1.0) == "token-1"


def test_who_waits_for_a_token_waits_no_longer_than_it_may(
    process: Process, platform: _Platform, redis: Redis
) -> None:
    redis.set(f"{{wechat:{_APP_ID}}}:token:lock", "a process that was killed")
    started = time.monotonic()
    with pytest.raises(PlatformError) as fault:
        process().current(platform.fetch, 0.2)
    assert fault.value.kind is Kind.TRANSIENT
    assert 0.2 <= time.monotonic() - started < 0.6


def test_the_lock_of_a_killed_process_ends(process: Process, redis: Redis) -> None:
    seen: list[int] = []

    def fetch(force: bool) -> tuple[str, float]:
        seen.append(int(redis.ttl(f"{{wechat:{_APP_ID}}}:token:lock")))
        return "token-1", 7200

    process().current(fetch, 1.0)
    assert 0 < seen[0] <= LOCK_SECONDS
    assert not redis.exists(f"{{wechat:{_APP_ID}}}:token:lock"), "and is freed when all goes well"


def test_who_was_frozen_does_not_replace_a_newer_token(
    process: Process, platform: _Platform, redis: Redis
) -> None:
    def frozen(force: bool) -> tuple[str, float]:
        redis.delete(f"{{wechat:{_APP_ID}}}:token:lock")  # its lease ran out meanwhile
        process().current(platform.fetch, 1.0)
        return "token-0", 7200

    process().current(frozen, 1.0)
    assert process().current(platform.fetch, 1.0) == "token-1"


def test_a_token_somebody_renewed_is_taken_over(process: Process, platform: _Platform) -> None:
    first, second = process(), process()
    for tokens in (first, second):
        tokens.current(platform.fetch, 1.0)
    first.renew("token-1", platform.fetch, 1.0)
    asked = len(platform.asked)
    assert second.renew("token-1", platform.fetch, 1.0) == "token-2"
    assert len(platform.asked) == asked


def test_a_token_refused_just_after_it_was_forced_is_not_forced_again(
    process: Process, platform: _Platform, clock: _Clock
) -> None:
    tokens = process()
    tokens.renew(tokens.current(platform.fetch, 1.0), platform.fetch, 1.0)
    asked = len(platform.asked)
    with pytest.raises(PlatformError) as fault:
        process().renew("token-2", platform.fetch, 1.0)
    assert fault.value.kind is Kind.TOKEN
    assert len(platform.asked) == asked
    clock.now += 31
    assert process().renew("token-2", platform.fetch, 1.0) == "token-3"


def test_the_token_is_sealed_in_the_store(
    process: Process, platform: _Platform, redis: Redis
) -> None:
    process().current(platform.fetch, 1.0)
    stored = redis.get(f"{{wechat:{_APP_ID}}}:token")
    assert isinstance(stored, bytes)
    assert b"token" not in stored


def test_a_token_sealed_under_a_key_that_is_gone_is_fetched_anew(
    process: Process, platform: _Platform, redis: Redis, clock: _Clock
) -> None:
    process().current(platform.fetch, 1.0)
    other = Keyring([(2, b"e" * 32)], b"i" * 32)
    assert AccessTokens(redis, _APP_ID, other, clock=clock).current(platform.fetch, 1.0)
    assert len(platform.asked) == 2


def test_without_redis_a_process_fetches_once_for_itself(
    cut_off: AccessTokens, platform: _Platform, clock: _Clock
) -> None:
    for _ in range(5):
        assert cut_off.current(platform.fetch, 1.0) == "token-1"
        clock.now += 100
    assert platform.asked == [False]
    assert cut_off.current(_not_asked, 1.0) == "token-1"
    assert cut_off.renew("token-1", platform.fetch, 1.0) == "token-2"


def test_wrong_settings_are_asked_about_twice_a_minute_at_most(
    process: Process, platform: _Platform, clock: _Clock
) -> None:
    tokens = process()
    platform.fault = PlatformError(Kind.CONFIGURATION, "40125", code=40125)
    for _ in range(10):
        with pytest.raises(PlatformError):
            tokens.current(platform.fetch, 1.0)
    assert len(platform.asked) == 1
    clock.now += 31
    platform.fault = None
    assert tokens.current(platform.fetch, 1.0) == "token-1"


def test_a_ticket_is_kept_beside_the_token(
    process: Process, platform: _Platform, redis: Redis
) -> None:
    tokens = process()
    tickets = tokens.beside("ticket")
    assert tickets.current(lambda force: ("ticket-1", 7200), 1.0) == "ticket-1"
    assert tokens.current(platform.fetch, 1.0) == "token-1"
    assert process().beside("ticket").current(_not_asked, 1.0) == "ticket-1"
    stored = redis.get(f"{{wechat:{_APP_ID}}}:ticket")
    assert isinstance(stored, bytes)
    assert b"ticket-1" not in stored, "sealed as the token is"


def test_a_right_that_is_missing_is_asked_for_twice_a_minute_at_most(
    process: Process, platform: _Platform
) -> None:
    tickets = process().beside("ticket")
    platform.fault = PlatformError(Kind.ACCOUNT, "48001", code=48001)
    for _ in range(10):
        with pytest.raises(PlatformError):
            tickets.current(platform.fetch, 1.0)
    assert len(platform.asked) == 1
