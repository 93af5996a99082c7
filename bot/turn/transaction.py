"""The turn's one write transaction, opened at its first use."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session as Records

from models.database import Database
from models.jobs import Job
from models.notices import Notice

_LANES = "lanes of the turn"


class LazyTransaction:
    """`bot.ports.Transaction`. `lanes` tells, after a flush, which background lanes have work."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._records: Records | None = None
        self.lanes: set[str] = set()

    @property
    def used(self) -> bool:
        return self._records is not None

    @property
    def records(self) -> Records:
        if self._records is None:
            self._records = self._database.begin_writing()
            self._records.info[_LANES] = self.lanes
        return self._records

    def reading(self) -> AbstractContextManager[Records]:
        return self._database.reading()

    def commit(self) -> None:
        self.records.commit()
        self.abandon()

    def abandon(self) -> None:
        """Roll back what is not committed, and close."""
        if self._records is not None:
            self._records.close()
            self._records = None


@event.listens_for(Records, "before_flush")
def _note_lanes(records: Records, *_: Any) -> None:
    """Heard of every session: to listen to each turn's own costs more than its INSERT."""
    lanes: set[str] | None = records.info.get(_LANES)
    if lanes is None:
        return
    for record in records.new:
        if isinstance(record, Job):
            lanes.add("jobs")
        elif isinstance(record, Notice) and record.state == "queued":
            lanes.add("notices")
