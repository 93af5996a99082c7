"""What the platform pushes by itself, after the call that caused it was answered."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from contextlib import suppress

from bot.simulator.store import StoreClosed

_THREADS = 8
Work = Callable[[], None]


class Later:
    """A few threads that are started with the first piece of work; their end waits for nothing."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Work | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._stopped = False

    def do(self, work: Work) -> None:
        """Soon, in the order of asking but for what takes long."""
        with self._lock:
            if self._stopped:
                return
            if not self._threads:
                self._threads = [
                    threading.Thread(target=self._run, daemon=True) for _ in range(_THREADS)
                ]
                for thread in self._threads:
                    thread.start()
        self._queue.put(work)

    def stop(self) -> None:
        """Begin nothing any more."""
        with self._lock:
            self._stopped = True
        for _ in self._threads:
            self._queue.put(None)

    def _run(self) -> None:
        while (work := self._queue.get()) and not self._stopped:
            with suppress(StoreClosed):
                work()
