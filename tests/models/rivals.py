"""Two connections at one PostgreSQL: what the second does while the first holds its rows."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from sqlalchemy import text
from sqlalchemy.orm import Session as Records

from models.database import Database

_WAITS = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)
_SECONDS = 10.0


class Rival:
    """Another transaction in a thread of its own. `fault` is what it ended by, if anything."""

    def __init__(self, database: Database, act: Callable[[Records], object]) -> None:
        self._database, self._act = database, act
        self.fault: Exception | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def waits(self) -> None:
        """Returns once it waits for a lock; AssertionError where it never does."""
        ends = time.monotonic() + _SECONDS
        while time.monotonic() < ends:
            with self._database.reading() as records:
                if records.scalar(_WAITS):
                    return
            assert self._thread.is_alive(), self.fault or "it ended without waiting"
        raise AssertionError("it does not wait")

    def ends(self) -> None:
        """Returns once it is committed; raises what it ended by."""
        self._thread.join(_SECONDS)
        assert not self._thread.is_alive()
        if self.fault:
            raise self.fault

    def _run(self) -> None:
        try:
            with self._database.writing() as records:
                self._act(records)
        except Exception as fault:
            self.fault = fault
