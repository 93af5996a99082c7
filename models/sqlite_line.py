"""Writers of one process stand in line for SQLite's one write lock, instead of polling for it.

SQLite's own way to wait is to look again after 1, 2, 5 … 100 ms: when many write at once, luck says
who is next, and some wait for seconds while others pass them. Of each process one thread still
waits for other processes, and looks every millisecond: one that writes most of the time, as the
sending of a campaign does, leaves the lock free for a few milliseconds only.
"""

from __future__ import annotations

import sqlite3
import threading
from time import monotonic, sleep
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError

WRITE = "BEGIN IMMEDIATE"
_HOLDS = "holds the line"
_LOOK_SECONDS = 0.001


class WritersInLine:
    """The line of one engine. Who cannot write within `patience` seconds, in line or behind another
    process, gets the `OperationalError` that SQLite's own time-out gives."""

    def __init__(self, engine: Engine, patience: float) -> None:
        self._head, self._patience = threading.Lock(), patience
        event.listen(engine, "begin", self._begin)
        event.listen(engine, "checkin", self._leave)

    def _begin(self, connection: Connection) -> None:
        # The driver's own BEGIN is off (isolation_level=None): it is late and never IMMEDIATE.
        statement = connection.get_execution_options().get("begin", "BEGIN")
        if statement == WRITE:
            self._begin_writing(connection)
        else:
            connection.exec_driver_sql(statement)

    def _begin_writing(self, connection: Connection) -> None:
        until = monotonic() + self._patience
        if not connection.info.get(_HOLDS):  # as one may that wrote before
            if not self._head.acquire(timeout=self._patience):
                raise _locked()
            connection.info[_HOLDS] = True
        driver: Any = connection.connection.driver_connection
        driver.execute("PRAGMA busy_timeout=0").close()
        try:
            while not _has_begun(driver):
                if monotonic() >= until:
                    raise _locked()
                sleep(_LOOK_SECONDS)
        finally:
            driver.execute(f"PRAGMA busy_timeout={int(1000 * self._patience)}").close()

    def _leave(self, _: Any, record: Any) -> None:
        """The connection is given back, after COMMIT or ROLLBACK: the next one may write."""
        if record.info.pop(_HOLDS, False):
            self._head.release()


def _has_begun(driver: Any) -> bool:
    """Whether the write lock was free, and is ours now."""
    try:
        driver.execute(WRITE).close()
    except sqlite3.OperationalError as fault:
        if fault.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


def _locked() -> OperationalError:
    return OperationalError(WRITE, None, sqlite3.OperationalError("database is locked"))
