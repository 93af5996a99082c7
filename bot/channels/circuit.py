"""Refusals that only an operator can end: they raise the alarm, and are not asked for again."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar

import structlog
from prometheus_client import Counter

OPEN_SECONDS = 30.0
"""How long nothing is called after the platform refused our settings."""
SILENT_SECONDS = 600.0
"""Between two lines of the log about one code."""

log = structlog.get_logger(__name__)

F = TypeVar("F", bound=Exception)


class Judgement(NamedTuple):
    """What a refusal means. `stops`: it concerns every call, such as a wrong app id; `alarms`: an
    operator must act, as `remedy` says; `code` is the platform's; `detail` holds no secret."""

    stops: bool
    alarms: bool
    code: str
    detail: str
    remedy: str


class OperatorCircuit(ABC, Generic[F]):
    """Of one account in one process. Thread-safe."""

    platform: str
    counter: Counter

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._open: tuple[float, F] | None = None
        self._told: dict[str, float] = {}

    @abstractmethod
    def judge(self, fault: F) -> Judgement:
        """What this refusal means to us."""

    @abstractmethod
    def again(self, fault: F) -> F:
        """The same refusal of a call that was not even made."""

    def check(self) -> None:
        """Raises the refusal of our settings again, as long as asking anew would only loop."""
        opened = self._open
        if opened and self._clock() - opened[0] < OPEN_SECONDS:
            raise self.again(opened[1])

    def note(self, fault: F, path: str) -> None:
        """A call of `path` failed so."""
        judged = self.judge(fault)
        if judged.stops:
            self._open = (self._clock(), fault)
        if judged.alarms:
            self._alarm(judged, path)

    def _alarm(self, judged: Judgement, path: str) -> None:
        self.counter.labels(judged.code).inc()
        with self._lock:
            now, before = self._clock(), self._told.get(judged.code)
            if before is not None and now - before < SILENT_SECONDS:
                return
            self._told[judged.code] = now
        told = f"{self.platform} refuses us"
        log.error(told, path=path, detail=judged.detail, remedy=judged.remedy)
