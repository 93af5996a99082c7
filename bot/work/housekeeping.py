"""The lane `housekeeping`: what is done by the clock and asked for by nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.work.lane import Work
from models.access_tokens import forget_tokens
from models.database import Database
from models.documents import FileObjects, ObjectStore, expire_documents, sweep_orphans
from models.drafts import expire_drafts
from models.jobs import forget_jobs
from models.notices import forget_notices, settle_unknown
from models.one_time_codes import forget_codes
from models.sign_in_tries import forget_tries
from models.staff import forget_sessions
from models.turns import forget_turns

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
# Longer than any redelivery or job can come late; the stored replies in Redis live a day.
RESULTS_LIVE = timedelta(days=7)
NOTICES_LIVE = timedelta(days=30)  # for questions about what was sent
CODES_LIVE = timedelta(days=2)  # the daily caps count them

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Chore:
    """One thing done every `every`, in each worker; it must bear being done by two at once.

    `first`: how long after the worker's start it is done for the first time.
    """

    name: str
    every: timedelta
    do: Callable[[datetime], object]
    first: timedelta = timedelta(0)


def standard_chores(
    database: Database, objects: ObjectStore, notices_live: timedelta = NOTICES_LIVE
) -> list[Chore]:
    """What every city needs. All of it is safe to repeat."""

    def in_records(change: Callable[..., object], life: timedelta) -> Callable[[datetime], object]:
        def do(now: datetime) -> object:
            with database.writing() as records:
                return change(records, now - life)

        return do

    nothing = timedelta(0)
    chores = [
        Chore("sends in doubt", MINUTE, in_records(settle_unknown, nothing)),
        Chore("expired drafts", MINUTE, in_records(expire_drafts, nothing)),
        Chore("expired documents", MINUTE, lambda now: expire_documents(database, objects, now)),
        Chore("old results", HOUR, in_records(forget_turns, RESULTS_LIVE)),
        Chore("old jobs", HOUR, in_records(forget_jobs, RESULTS_LIVE)),
        Chore("old notices", HOUR, in_records(forget_notices, notices_live)),
        Chore("old tokens", HOUR, in_records(forget_tokens, nothing)),
        Chore("old codes", HOUR, in_records(forget_codes, CODES_LIVE)),
        Chore("old sign-ins", HOUR, in_records(forget_tries, CODES_LIVE)),
        Chore("old sessions of staff", HOUR, in_records(forget_sessions, CODES_LIVE)),
    ]
    if isinstance(objects, FileObjects):
        chores.append(Chore("orphans", HOUR, lambda now: sweep_orphans(database, objects)))
    return chores


class Housekeeping:
    """Hands out each chore when its time has come."""

    def __init__(self, chores: Sequence[Chore], clock: Callable[[], datetime]) -> None:
        self._clock = clock
        started = clock()
        self._due: dict[str, datetime] = {chore.name: started + chore.first for chore in chores}
        self._chores = chores
        self._lock = threading.Lock()

    def claim(self) -> Work | None:
        """The next chore that is due, as work to do."""
        now = self._clock()
        with self._lock:
            for chore in self._chores:
                if self._due[chore.name] <= now:
                    self._due[chore.name] = now + chore.every
                    return partial(self._do, chore, now)
        return None

    def _do(self, chore: Chore, now: datetime) -> None:
        try:
            chore.do(now)
        except Exception as fault:
            log.error("chore failed", chore=chore.name, fault=type(fault).__name__)
