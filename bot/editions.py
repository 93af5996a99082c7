"""What staff publish holds without a restart: the site is made anew from the new words.

Everything that was made from the old ones goes on with what it has begun, and is let go when the
edition after this one comes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol

import structlog
from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LOOK_SECONDS = 5.0  # until a process notices what was published, or that a day has begun

log = structlog.get_logger(__name__)


class Parts(Protocol):
    """What an application was made from."""

    def is_outdated(self) -> bool: ...
    def close(self) -> None: ...


class Editions:
    """A WSGI application that is always the one made from the present edition.

    `make` makes another like `app`; each keeps its parts under `extensions["shebaoka"]`. New words
    that cannot be served with are logged, and the old ones go on.
    """

    def __init__(
        self,
        app: Flask,
        make: Callable[[], Flask],
        *,
        seconds: float = LOOK_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._make, self._seconds, self._monotonic = make, seconds, monotonic
        self._serves: WSGIApplication = app.wsgi_app
        self._parts: Parts = app.extensions["shebaoka"]
        self._earlier: Parts | None = None
        self._looked, self._lock = monotonic(), threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if self._monotonic() - self._looked >= self._seconds and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._looked = self._monotonic()
                self._lock.release()
        return self._serves(environ, start_response)

    def _look(self) -> None:
        """One request in a few seconds pays for it; the others are served meanwhile."""
        try:
            if not self._parts.is_outdated():
                return
            app = self._make()
        except Exception as fault:
            log.error("the new edition cannot be served", fault=type(fault).__name__)
            return
        if self._earlier is not None:
            self._earlier.close()
        self._earlier, self._parts = self._parts, app.extensions["shebaoka"]
        self._serves = app.wsgi_app
        log.info("a new edition is served")
