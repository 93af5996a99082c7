"""The seconds that the calls of one thread may take together."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext


class CallTime:
    """`seconds`: what a call may take where its caller named no time. Thread-safe."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self._thread = seconds, threading.local()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """What this thread calls inside the block may take `seconds` in all."""
        before = getattr(self._thread, "ends", None)
        ends = time.monotonic() + seconds
        self._thread.ends = ends if before is None else min(before, ends)
        try:
            yield
        finally:
            self._thread.ends = before

    def given(self) -> AbstractContextManager[None]:
        """The caller's time, or our own where the caller named none."""
        named = getattr(self._thread, "ends", None) is not None
        return nullcontext() if named else self.within(self.seconds)

    def left(self) -> float:
        """Seconds; inside `within` or `given` only."""
        ends: float = self._thread.ends
        return max(0.0, ends - time.monotonic())
