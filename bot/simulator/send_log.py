"""What was sent since the start or the last `clear`: how often to whom, by which keys, how fast.

Kept in memory: it is for who measures a campaign, and must cost nothing beside one.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from typing import Any


class SendLog:
    """The sends of one account. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self.clear()

    def clear(self) -> None:
        """Count anew."""
        with self._lock:
            self._people: Counter[str] = Counter()
            self._repeats: Counter[str] = Counter()
            self._second: deque[float] = deque()
            self._calls = self._most = 0

    def arrived(self) -> None:
        """A call that sends began, whatever becomes of it."""
        with self._lock:
            now = self._clock()
            self._second.append(now)
            while self._second[0] <= now - 1.0:
                self._second.popleft()
            self._calls += 1
            self._most = max(self._most, len(self._second))

    def accepted(self, person: str) -> None:
        """A message was taken, for this person."""
        with self._lock:
            self._people[person] += 1

    def repeated(self, key: str) -> None:
        """A call was known by its key and sent nothing."""
        with self._lock:
            self._repeats[key] += 1

    def told(self, *, people: bool = False) -> dict[str, Any]:
        """As scripts see it; with `people` how many everybody got."""
        with self._lock:
            many = Counter(self._people.values())
            told: dict[str, Any] = {
                "calls": self._calls,
                "accepted": sum(self._people.values()),
                "duplicates": dict(self._repeats),
                "people": len(self._people),
                "per_person": {str(n): many[n] for n in sorted(many)},
                "most_in_a_second": self._most,
            }
            return {**told, "by_person": dict(self._people)} if people else told
