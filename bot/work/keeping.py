"""Keeping claims: a running job's short lease is renewed, so that a dead worker's job is taken
over within seconds and a slow one's is not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError

from models.database import Database
from models.jobs import extend_job

log = structlog.get_logger(__name__)


class ClaimKeeper:
    """A thread that renews the leases of this process's running jobs, three times per lease."""

    def __init__(
        self, database: Database, owner: str, clock: Callable[[], datetime], lease_seconds: float
    ) -> None:
        self._database = database
        self._owner = owner
        self._clock = clock
        self._lease = lease_seconds
        self._running: dict[str, float] = {}  # job id: until when it may run, monotonic
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="claims", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    @contextmanager
    def keeping(self, job_id: str, limit: float) -> Iterator[None]:
        """Renew the claim during the block, but no longer than `limit` seconds."""
        with self._lock:
            self._running[job_id] = time.monotonic() + limit
        try:
            yield
        finally:
            with self._lock:
                self._running.pop(job_id, None)

    def _run(self) -> None:
        while not self._stopping.wait(self._lease / 3):
            with self._lock:
                now = time.monotonic()
                kept = [job for job, end in self._running.items() if end > now]
            if kept:
                self._renew(kept)

    def _renew(self, jobs: list[str]) -> None:
        until = self._clock() + timedelta(seconds=self._lease)
        try:
            with self._database.writing() as records:
                for job in jobs:
                    extend_job(records, job, self._owner, until)
        except SQLAlchemyError as error:
            log.warning("claims not renewed", fault=type(error).__name__)
