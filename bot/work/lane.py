"""A lane: a few threads that claim one piece of work after another until there is none."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

TICK_SECONDS = 1.0  # what a lost ring costs at most

Work = Callable[[], object]
Claim = Callable[[], Work | None]

log = structlog.get_logger(__name__)


class Lane:
    """`claim` takes one piece of work, or returns None; what it returns is run in this thread.

    Whoever claims something rings the next thread first, so that a backlog spreads over all of
    them. Neither a claim nor its work stops the lane by raising. `last` is called by each thread
    when it ends.
    """

    def __init__(
        self,
        name: str,
        claim: Claim,
        *,
        threads: int,
        tick_seconds: float = TICK_SECONDS,
        last: Callable[[], object] = lambda: None,
    ) -> None:
        self.name = name
        self._claim, self._last = claim, last
        self._tick = tick_seconds
        self._rings = 0  # not answered yet; more than there are threads tell nothing new
        self._rung = threading.Condition()
        self._stopping = threading.Event()
        # One thread ticks; the others wait to be rung.
        self._threads = [
            threading.Thread(target=self._run, args=(ticks,), name=f"{name}-{ticks}", daemon=True)
            for ticks in [True] + [False] * (threads - 1)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Claim nothing more; returns when what runs has ended."""
        with self._rung:
            self._stopping.set()
            self._rung.notify_all()
        for thread in self._threads:
            thread.join()

    def ring(self) -> None:
        """There may be work."""
        with self._rung:
            self._rings = min(self._rings + 1, len(self._threads))
            self._rung.notify()

    def run_once(self) -> bool:
        """Claim and do one piece of work. False when there was none, or it failed."""
        try:
            work = self._claim()
            if work is None:
                return False
            self.ring()
            work()
        except Exception as fault:
            log.error("lane stumbled", lane=self.name, fault=type(fault).__name__)
            return False
        return True

    def _run(self, ticks: bool) -> None:
        while not self._stopping.is_set():
            with self._rung:
                self._rung.wait_for(self._wanted, self._tick if ticks else None)
                self._rings = max(0, self._rings - 1)
            while not self._stopping.is_set() and self.run_once():
                pass
        try:
            self._last()
        except Exception as fault:
            log.error("lane stumbled at its end", lane=self.name, fault=type(fault).__name__)

    def _wanted(self) -> bool:
        return self._rings > 0 or self._stopping.is_set()
