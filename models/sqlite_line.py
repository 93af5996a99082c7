"""Writers of one process stand in line for SQLite's one write lock, instead of polling for it.

SQLite's own way to wait is to look again after 1, 2, 5 … 100 ms: when many write at once, luck says
who is next, and some wait for seconds while others pass them. Processes still poll for each other.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError

WRITE = "BEGIN IMMEDIATE"
_HOLDS = "holds the line"


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
            self._come_to_the_head(connection)
        connection.exec_driver_sql(statement)

    def _come_to_the_head(self, connection: Connection) -> None:
        began = time.monotonic()
        if not self._head.acquire(timeout=self._patience):
            raise OperationalError(WRITE, None, sqlite3.OperationalError("database is locked"))
        connection.info[_HOLDS] = True
        left = max(0, int(1000 * (self._patience - (time.monotonic() - began))))
        driver: Any = connection.connection.driver_connection
        driver.execute(f"PRAGMA busy_timeout={left}").close()

    def _leave(self, _: Any, record: Any) -> None:
        """The connection is given back, after COMMIT or ROLLBACK: the next one may write."""
        if record.info.pop(_HOLDS, False):
            self._head.release()
