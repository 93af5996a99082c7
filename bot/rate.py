"""How fast each account of a platform may send: one line of places for all processes.

A place is a moment in Redis' time, in microseconds. Places of one name lie one *spacing* apart, and
whoever takes some moves the name's next free place behind them. A name is an account
(`wechat:wx1`), what many people are sent by it (`wechat:wx1:bulk`), or one campaign; one call may
count under several, and keeps the distance that each of them asks for.

**Why the spacing is longer than a second by the rate.** A call does not begin at its place but up
to `LATE` seconds after it (whoever is later lets the place go), and reaches the platform between
`transit` and `transit + SPREAD` seconds after that. So what arrives within the second `[t, t + 1)`
had its place within `[t - transit - LATE - SPREAD, t + 1 - transit)`: an interval of
`1 + JITTER` seconds, open at its end, with `JITTER = LATE + SPREAD`. Such an interval holds at most
`ceil((1 + JITTER) / spacing)` places. With `spacing = (1 + JITTER) / rate` that is `ceil(rate)`, in
every second wherever it begins. The price is that at most `rate / (1 + JITTER)` leave, 91 of 100.

**When the places are lost** (FLUSHALL, another Redis) those given out before may lie up to `MOST`
seconds ahead: the first new one is `MOST` seconds and one spacing away, so that the distance holds
across the loss. The same where a process comes back from being alone.

**Without Redis** a process counts by its own clock, at the safe rate that its city set: as many
processes as there are each send so fast. It asks again twice a second.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from redis.exceptions import RedisError

LATE = 0.05
"""Seconds after its place in which a call may still begin, the way from Redis included."""
SPREAD = 0.05
"""Seconds by which the ways of two calls to the platform may differ."""
JITTER = LATE + SPREAD
MOST = 1.0
"""Seconds ahead that anybody may take a place."""
_ASK_AGAIN = 0.5
_ALONE_MOST = 0.4
"""With `_ASK_AGAIN` less than `MOST`: who is alone a little longer than others has no place left
when theirs begin anew."""
_GAP = 20_000
"""Microseconds of an account's line that one who goes slower leaves empty at most: others wait."""
_KEPT_MILLIS = 7 * 24 * 3600 * 1000  # a name nobody used for so long begins anew

# KEYS: the names, the account first. ARGV: how many at most, how far ahead, how much of the
# account's line may be left empty, the pause after a loss, whether the caller was alone, how long
# names are kept; then the spacing of each name. Answers how many places were taken, how far away
# the first is (of none: how long until one is worth asking for), and the step between them.
# Microseconds.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local most, ahead, gap = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local line = tonumber(redis.call('GET', KEYS[1]) or '-1')
if line < 0 or ARGV[5] == '1' then
  line = math.max(line, now + ARGV[4])
  redis.call('SET', KEYS[1], string.format('%.0f', line), 'PX', ARGV[6])
end
line = math.max(line, now)
local free, mine, step = line, tonumber(ARGV[7]), 0
for i, key in ipairs(KEYS) do
  if i > 1 then free = math.max(free, tonumber(redis.call('GET', key) or '0')) end
  step = math.max(step, tonumber(ARGV[6 + i]))
end
local wait = math.max(free - line - gap, free - now - ahead)
if wait > 0 then return {0, string.format('%.0f', wait), step} end
local count = math.floor((now + ahead - free) / step) + 1
if step > mine then count = math.min(count, math.floor(gap / (step - mine)) + 1) end
count = math.min(most, count)
for i, key in ipairs(KEYS) do
  local after = free + (count - 1) * step + tonumber(ARGV[6 + i])
  redis.call('SET', key, string.format('%.0f', after), 'PX', ARGV[6])
end
return {count, string.format('%.0f', free - now), step}
"""

log = structlog.get_logger(__name__)


class RedisClient(Protocol):
    def register_script(self, script: str) -> Callable[..., Any]: ...


@dataclass(frozen=True, slots=True)
class Places:
    """Moments of this process's monotonic clock. Each is good until `late_after` seconds after it;
    where there are none, `wait` is the seconds until it is worth asking again."""

    starts: tuple[float, ...]
    late_after: float = 0.0
    wait: float = 0.0


def spacing(per_second: float) -> int:
    """Microseconds between two places, so that no second holds more than `per_second` (rounded up
    to a whole number) arrivals."""
    return math.ceil(1_000_000 * (1 + JITTER) / per_second)


def key_of(name: str) -> str:
    """Where the next free place of a name stands. All of them share a slot of a cluster."""
    return f"{{shebaoka:rate}}:{name}"


class Rate:
    """The places of all names, over all processes. Thread-safe; never raises."""

    def __init__(
        self,
        redis_client: RedisClient,
        safe_per_second: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` is the one that `Places.starts` are moments of."""
        self._script = redis_client.register_script(_TAKE)
        self._clock, self._lock = clock, threading.Lock()
        self._alone = _Alone(safe_per_second)
        self._away_since = self._asked_at = -math.inf
        self._is_away = False

    def take(self, limits: Mapping[str, float], most: int, ahead: float) -> Places:
        """Up to `most` places within `ahead` seconds (`MOST` at most). `limits`: the rate of each
        name that the calls count under, the account's first."""
        if most < 1:
            return Places(())
        names, steps = list(limits), [spacing(limits[name]) for name in limits]
        if self._is_away and self._clock() - self._asked_at < _ASK_AGAIN:
            return self._taken_alone(names[0], max(steps), most, ahead)
        return self._taken(names, steps, most, min(ahead, MOST))

    def _taken(self, names: Sequence[str], steps: Sequence[int], most: int, ahead: float) -> Places:
        self._asked_at = before = self._clock()
        pause, alone = _pause(max(steps)), int(self._is_away)
        fixed = (most, round(ahead * 1e6), _GAP, pause, alone, _KEPT_MILLIS)
        try:
            found = self._script(keys=[key_of(name) for name in names], args=[*fixed, *steps])
        except RedisError as fault:
            self._went(type(fault).__name__)
            return self._taken_alone(names[0], max(steps), most, ahead)
        after = self._clock()
        self._came()
        count, away, step = (int(each) for each in found)
        return _places(count, away, step, after, after - before)

    def _taken_alone(self, name: str, step: int, most: int, ahead: float) -> Places:
        now = self._clock()
        with self._lock:
            count, away, step = self._alone.take(name, step, most, min(ahead, _ALONE_MOST), now)
        return _places(count, away, step, now, 0.0)

    def _went(self, fault: str) -> None:
        with self._lock:
            known, self._is_away = self._is_away, True
            if not known:
                self._alone.begin()
        if not known:
            log.warning("rate without redis", fault=fault, safe_per_second=self._alone.per_second)

    def _came(self) -> None:
        with self._lock:
            known, self._is_away = self._is_away, False
        if known:
            log.info("rate by redis again")


class _Alone:
    """The places of one process by its own clock, none faster than the safe rate."""

    def __init__(self, per_second: float) -> None:
        self.per_second = per_second
        self._next: dict[str, float] = {}

    def begin(self) -> None:
        """What was given out before by Redis is not over yet."""
        self._next.clear()

    def take(
        self, name: str, step: int, most: int, ahead: float, now: float
    ) -> tuple[int, int, int]:
        """As the script answers."""
        step = max(step, spacing(self.per_second))
        begun = self._next.setdefault(name, now + _pause(step) / 1e6)
        free = max(now, begun)
        if free > now + ahead:
            return 0, math.ceil((free - now - ahead) * 1e6), step
        count = min(most, math.floor((now + ahead - free) * 1e6 / step) + 1)
        self._next[name] = free + count * step / 1e6
        return count, round((free - now) * 1e6), step


def _pause(step: int) -> int:
    """Microseconds before the first place where earlier ones are not known."""
    return round(MOST * 1_000_000) + step


def _places(count: int, away: int, step: int, asked: float, took: float) -> Places:
    """Redis told its time somewhere in the `took` seconds before `asked`: a place may have come
    that much before the moment we reckon with, which is taken off what a call may be late."""
    late_after = LATE - took
    if not count:
        return Places((), wait=away / 1e6)
    if late_after <= 0:
        return Places(())
    return Places(tuple(asked + (away + place * step) / 1e6 for place in range(count)), late_after)
