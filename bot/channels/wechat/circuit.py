"""Refusals that only an operator can end: they raise the alarm, and are not asked for again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import structlog
from prometheus_client import Counter

from bot.channels.wechat.errors import Kind, PlatformError
from bot.channels.wechat.remedies import remedy

OPEN_SECONDS = 30.0
"""How long nothing is called after the platform refused our settings."""
SILENT_SECONDS = 600.0
"""Between two lines of the log about one code."""

ALARMS = Counter(
    "shebaoka_wechat_alarms_total", "Calls refused until an operator acts, by code", ["code"]
)
log = structlog.get_logger(__name__)


class Circuit:
    """Of one account in one process. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._open: tuple[float, PlatformError] | None = None
        self._told: dict[int | None, float] = {}

    def check(self) -> None:
        """Raises the refusal of our settings again, as long as asking anew would only loop."""
        opened = self._open
        if opened and self._clock() - opened[0] < OPEN_SECONDS:
            fault = opened[1]
            raise PlatformError(fault.kind, fault.detail, code=fault.code)

    def note(self, fault: PlatformError, path: str) -> None:
        """A call failed so. App id, secret and IP list concern every call; a right that is
        missing, or an address that is not there, concerns this one."""
        if fault.kind is Kind.CONFIGURATION and fault.code is not None:
            self._open = (self._clock(), fault)
        if fault.kind in (Kind.CONFIGURATION, Kind.ACCOUNT):
            self._alarm(fault, path)

    def _alarm(self, fault: PlatformError, path: str) -> None:
        ALARMS.labels(str(fault.code or fault.detail)).inc()
        with self._lock:
            now, before = self._clock(), self._told.get(fault.code)
            if before is not None and now - before < SILENT_SECONDS:
                return
            self._told[fault.code] = now
        log.error("wechat refuses us", path=path, detail=fault.detail, remedy=remedy(fault))
