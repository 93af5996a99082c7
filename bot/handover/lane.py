"""The lane `hand-over`: batches are cut and sent, reply files fetched, judged, reported about.

Every piece of work may be done by two workers at once, and again after a crash.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.handover.destinations import Reached
from bot.handover.fetching import Fetching
from bot.handover.outgoing import fault_of
from bot.handover.sending import Sending
from models.database import Database
from models.documents import ObjectStore
from models.handover.batches import Batch, Destination
from models.handover.cutting import Cutting
from models.handover.files import claim_file, has_steps
from models.handover.replies import FileState
from models.handover.sending import claim_batch, is_waiting
from models.lifecycle import Lifecycle

CUT_EVERY = timedelta(seconds=10)
LEASE = timedelta(minutes=5)
"""Of a step of a reply file; judging 10,000 lines takes less."""

Work = Callable[[], object]

log = structlog.get_logger(__name__)


class HandoverLane:
    """Claims one piece of work after another, sending first."""

    def __init__(
        self,
        reached: Mapping[Destination, Reached],
        database: Database,
        life: Lifecycle,
        objects: ObjectStore,
        clock: Callable[[], datetime],
        owner: str,
        hook: Callable[[str], None] = lambda point: None,
    ) -> None:
        self._reached, self._database, self._life = reached, database, life
        self._clock, self._owner, self._hook = clock, owner, hook
        style = life.city.handover
        self._lease = timedelta(seconds=style.call_seconds * 3)
        self._every = {"cut": CUT_EVERY, "fetch": timedelta(minutes=style.fetch_minutes)}
        self._due: dict[tuple[str, Destination], datetime] = {}
        self._lock = threading.Lock()
        self.sending = Sending(database, life, objects, clock, owner, hook)
        self.fetching = Fetching(database, life, clock, hook)

    def knows(self, name: Destination) -> bool:
        """Whether there are the keys and the place of a destination."""
        return name in self._reached

    def claim(self) -> Work | None:
        """The next piece of work."""
        if not self._reached:
            return None
        return self._timed("cut", self.cut) or self.send() or self.file() or self._fetch()

    def cut(self, name: Destination) -> list[str]:
        """Cut all batches that are due. Returns their names."""
        cut: list[str] = []
        reached = self._reached[name]
        cutting = Cutting(self._life, reached.way, name, fault_of)
        while True:
            with self._database.writing() as records:
                batch = cutting.cut(records, self._clock())
                self._hook("batch being cut")
            self._hook("batch cut")
            if batch is None:
                return cut
            log.info("batch cut", batch=batch.id, to=name, lines=batch.count)
            cut.append(batch.id)

    def fetch(self, name: Destination) -> int:
        """Fetch all reply files that lie ready. Returns how many were taken."""
        return self.fetching.fetch(self._reached[name])

    # --- claims -------------------------------------------------------------------------

    def _timed(self, act: str, do: Callable[[Destination], object]) -> Work | None:
        now = self._clock()
        with self._lock:
            for name in self._reached:
                if self._due.get((act, name), now) <= now:
                    self._due[act, name] = now + self._every[act]
                    return partial(do, name)
        return None

    def _fetch(self) -> Work | None:
        return self._timed("fetch", self.fetch)

    def send(self) -> Work | None:
        """A batch that waits to be sent."""
        now, names = self._clock(), list(self._reached)
        with self._database.reading() as records:
            if not is_waiting(records, names, now):
                return None
        with self._database.writing() as records:
            claimed = claim_batch(records, names, now, self._lease, self._owner)
        if claimed is None:
            return None
        self._hook("batch claimed")
        batch, doubtful = claimed
        return partial(self._send_batch, batch, doubtful)

    def _send_batch(self, batch: Batch, doubtful: bool) -> None:
        for name, reached in self._reached.items():
            if name == batch.destination:
                self.sending.send(reached, batch, doubtful=doubtful)

    def file(self) -> Work | None:
        """The next step of a reply file that is here."""
        now, names = self._clock(), list(self._reached)
        with self._database.reading() as records:
            if not has_steps(records, names, now):
                return None
        with self._database.writing() as records:
            if file := claim_file(records, names, FileState.TAKEN, now, LEASE):
                return partial(self.fetching.judge, self._of(file.source), file.name)
            if file := claim_file(records, names, FileState.JUDGED, now, LEASE):
                return partial(self.fetching.report, self._of(file.source), file.name)
        return None

    def _of(self, source: str) -> Reached:
        return next(reached for name, reached in self._reached.items() if name == source)
