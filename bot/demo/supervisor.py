"""Keeps the demo's children running until it is told to stop, or its own parent is gone."""

from __future__ import annotations

import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from types import FrameType

from bot.demo.child import Child

TICK = 0.1  # seconds between two looks at the children
GRACE = 5.0  # seconds a child has to end what it does
HOPELESS = 4  # quick deaths before the demo was ever ready, after which it gives up
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class ChildFailed(Exception):
    """A child dies again and again before the demo was ready. `child` is it."""

    def __init__(self, child: Child) -> None:
        super().__init__(f"{child.part.name} does not start")
        self.child = child


class NotReady(Exception):
    """The children run, but do not answer in time. `waiting` are the addresses."""

    def __init__(self, waiting: Sequence[str]) -> None:
        super().__init__(f"no answer from {', '.join(waiting)}")


class Supervisor:
    """Looks after children. `parent`: end when this is no longer our parent (a process id)."""

    def __init__(self, children: Sequence[Child], parent: int | None = None) -> None:
        self.children = list(children)
        self.stopping = False
        self._parent = parent

    def obey_signals(self) -> None:
        """Stop in order on Ctrl-C, SIGTERM and a closed terminal. From the main thread."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def watch_until(self, done: Callable[[], bool]) -> bool:
        """Tend the children until `done`; False when we are to stop before that."""
        while not done():
            if self.stopping or (self._parent is not None and os.getppid() != self._parent):
                return False
            for child in self.children:
                child.tend()
            time.sleep(TICK)
        return True

    def wait_ready(self, addresses: Sequence[str], seconds: float = 60.0) -> bool:
        """Tend the children until each address answers 200; False when we are to stop.

        Raises `ChildFailed` and `NotReady`.
        """
        waiting = list(addresses)
        end = time.monotonic() + seconds

        def all_answer() -> bool:
            waiting[:] = [address for address in waiting if not answers(address)]
            for child in self.children:
                if child.quick_deaths >= HOPELESS:
                    raise ChildFailed(child)
            if waiting and time.monotonic() > end:
                raise NotReady(waiting)
            return not waiting

        return self.watch_until(all_answer)

    def run(self) -> None:
        """Tend the children until we are to stop."""
        self.watch_until(lambda: False)

    def stop(self) -> None:
        """End the children: first those that stand on the others, then the first one (Redis)."""
        for stage in (self.children[1:], self.children[:1]):
            for child in stage:
                child.ask_to_stop()
            self._see_off(stage)

    def _see_off(self, children: Sequence[Child]) -> None:
        end = time.monotonic() + GRACE
        for child in children:
            child.see_off(max(0.0, end - time.monotonic()))


def answers(address: str) -> bool:
    """Whether a GET of `address` is answered 200, without asking a proxy."""
    try:
        with _DIRECT.open(address, timeout=2) as response:
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False
