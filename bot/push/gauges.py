"""What the sending does at this moment: counted in its process, and told to all by Redis."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any, Protocol

import prometheus_client
from prometheus_client import Gauge
from redis.exceptions import RedisError

KEY = "shebaoka:push:now"
_LIVES = 5.0  # seconds after which a worker that tells nothing more does nothing more
_EVERY = 1.0

CALLS = prometheus_client.Counter(
    "shebaoka_push_calls", "Calls of pushes, by road and end", ["road", "end"]
)
IN_FLIGHT = Gauge("shebaoka_push_in_flight", "Calls of pushes that are marked and not ended")
WAITS = prometheus_client.Counter(
    "shebaoka_push_waits", "Times that no place was free in an account's pace"
)


class RedisClient(Protocol):
    def hset(self, name: str, key: str, value: str) -> Any: ...
    def hgetall(self, name: str) -> Any: ...
    def expire(self, name: str, seconds: int) -> Any: ...


class Telling:
    """One worker's figures, once a second at most: calls in flight, calls a second, waits."""

    def __init__(self, redis_client: RedisClient, worker: str) -> None:
        self._client, self._worker = redis_client, worker
        self._ends: Counter[tuple[str, str]] = Counter()  # since it was told
        self._waits = 0
        self._told_at = time.time()

    def ended(self, road: str, end: str) -> None:
        """A call has come to its end: "sent", or a reason."""
        self._ends[road, end] += 1

    def waited(self) -> None:
        """No place was free."""
        WAITS.inc()
        self._waits += 1

    def is_due(self) -> bool:
        """Whether it is time to `tell`."""
        return time.time() - self._told_at >= _EVERY

    def figures(self, in_flight: int) -> Mapping[str, float]:
        """What was counted since the last time, to `tell`: taken in the thread that counts, for
        calls end meanwhile."""
        now = time.time()
        seconds = max(now - self._told_at, 0.001)
        IN_FLIGHT.set(in_flight)
        for (road, end), n in self._ends.items():
            CALLS.labels(road, end).inc(n)
        per_second = round(self._ends.total() / seconds, 1)
        self._ends.clear()
        self._told_at = now
        return {"at": now, "in_flight": in_flight, "per_second": per_second, "waits": self._waits}

    def tell(self, figures: Mapping[str, float]) -> None:
        """Never raises: figures are no reason to stop. May be called in any thread."""
        try:
            self._client.hset(KEY, self._worker, json.dumps(figures))
            self._client.expire(KEY, 60)
        except RedisError:
            return


def figures_now(redis_client: RedisClient) -> dict[str, float]:
    """The same of all workers together: `in_flight`, `per_second`, `waits`. Raises RedisError."""
    total = {"in_flight": 0.0, "per_second": 0.0, "waits": 0.0}
    for raw in redis_client.hgetall(KEY).values():
        figures = json.loads(raw)
        if time.time() - figures["at"] < _LIVES:
            for name in total:
                total[name] += figures[name]
    return total
