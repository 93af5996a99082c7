"""How fast one account of a platform sends: no faster than its results can come back to us.

A template message has its result pushed to the webhook. Tens of thousands at once came back as an
alarm of the platform; all workers of an account share one pace.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Protocol

import structlog
from redis.exceptions import RedisError

from bot.dialogue.messages import AccountKey

MOST_SECONDS = 5.0  # that a thread sleeps for its place; a claim lasts longer

# Reserves the next place: each is one interval after the one before, never earlier than now.
_RESERVE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, most = tonumber(ARGV[1]), tonumber(ARGV[2])
local place = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0'))
if place - now > most then return {0, string.format('%.0f', place - now)} end
redis.call('SET', KEYS[1], string.format('%.0f', place + interval), 'PX', 60000)
return {1, string.format('%.0f', place - now)}
"""

log = structlog.get_logger(__name__)


class RedisClient(Protocol):
    def register_script(self, script: str) -> Callable[..., Any]: ...


class Pace:
    """At most `per_second` sends of each account, over all processes; 0: as fast as may be. `of`:
    other figures, by channel."""

    def __init__(
        self,
        redis_client: RedisClient,
        per_second: float,
        sleep: Callable[[float], None] = time.sleep,
        of: Mapping[str, float] = MappingProxyType({}),
    ) -> None:
        self._usual, self._of = _micros(per_second), {name: _micros(n) for name, n in of.items()}
        self._reserve = redis_client.register_script(_RESERVE)
        self._sleep = sleep

    def wait(self, account: AccountKey) -> float:
        """Sleep until it is this send's turn, and return 0; or the seconds after which to ask
        again, where there are too many before it. Without Redis nobody waits."""
        interval = self._of.get(account.channel, self._usual)
        if not interval:
            return 0.0
        key = f"{{shebaoka:pace:{account.channel}:{account.app}}}"
        try:
            granted, micros = self._reserve(
                keys=[key], args=[round(interval), round(MOST_SECONDS * 1_000_000)]
            )
        except RedisError as error:
            log.warning("no pace", fault=type(error).__name__)
            return 0.0
        seconds = int(micros) / 1_000_000
        if not granted:
            return seconds
        if seconds > 0:
            self._sleep(seconds)
        return 0.0


def _micros(per_second: float) -> float:
    """Between two sends."""
    return 1_000_000 / per_second if per_second else 0.0
