"""Many reviewers on one queue at once, in several processes, and two workers that apply what is
decided, one of which is killed again and again. Afterwards each application has been decided once.

Reviewers do what people do: approve, return, refuse (and confirm others' refusals), approve some
together, put aside, give back, and take back what they have just decided. Each writes down what
the database acknowledged to them.
"""

from __future__ import annotations

import multiprocessing
import random
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import exists, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session as Records

from benchmarks.soak.review_audit import audit_review
from benchmarks.soak.servers import Postgres
from config.city import City, load_city
from config.locales import Texts
from config.reasons import load_reasons
from models.database import Database
from models.lifecycle import Lifecycle
from models.returns import Finding
from models.review.applying import apply_due
from models.review.claims import NotHeld, claims_of, next_for, release
from models.review.decisions import CONFIRM, SECOND_LOOK, Decision, Settled, decide, undo
from models.review.items import ReviewItem
from models.review.second import SamePerson, confirm, waiting_for_second
from models.review.together import agreeing, approve_together
from models.review.verdicts import Kind, Verdict
from models.staff import Staff
from tests.models.making import KEYS
from tests.models.review.making import handed_in, officer

PROCESSES = 4
KILL_EVERY = 0.7  # seconds
PATIENCE = 600.0  # seconds, after which what is left is a finding
_APPROVED = Verdict(Kind.APPROVE)
_RETURNED = Verdict(Kind.RETURN, (Finding("PHOTO_BG", "portrait"),))
_REFUSED = Verdict(Kind.REFUSE, (Finding("DUPLICATE", "id_number"),))


@dataclass
class Journal:
    """What one reviewer was told is done: ids of decisions, and of those they took back."""

    decided: list[str] = field(default_factory=list)
    undone: list[str] = field(default_factory=list)
    released: int = 0
    confirmed: int = 0
    busy: int = 0  # transactions that could not be, and were tried again


def run(backend: str, applications: int, reviewers: int, seed: int) -> dict[str, Any]:
    """One trial on one database; the figures, and what the audit found."""
    with _database(backend) as url:
        database = Database(url)
        database.upgrade()
        people = _prepare(database, applications, reviewers)
        began = time.monotonic()
        with _workers(url) as kills:
            journals = _review(url, people, seed)
            drained = _drained(database)
        seconds = time.monotonic() - began
        findings = audit_review(database, journals)
        if not drained:
            findings.append({"kind": "not applied in time"})
        database.dispose()
    told: dict[str, Any] = {"backend": backend, "seconds": round(seconds, 1), "kills": kills[0]}
    told |= {"applications": applications, "reviewers": reviewers, "findings": findings}
    for what in ("decided", "undone"):
        told[what] = sum(len(getattr(journal, what)) for journal in journals)
    for what in ("released", "confirmed", "busy"):
        told[what] = sum(getattr(journal, what) for journal in journals)
    return told


def quick(city: City) -> City:
    """A second to take something back instead of a minute; a fifth is looked at twice."""
    return replace(city, review=replace(city.review, undo_seconds=1, second_look=0.2))


def lifecycle() -> Lifecycle:
    city = quick(load_city())
    return Lifecycle(KEYS, city, Texts.load(city), lambda: uuid4().hex)


class Reviewer:
    """One person at the console until nothing waits, for them or for a second person."""

    def __init__(self, url: str, staff_id: str, seed: int) -> None:
        self._database, self._life, self._reasons = Database(url), lifecycle(), load_reasons()
        with self._database.reading() as records:
            self._me = records.get_one(Staff, staff_id)
        self._dice, self.journal = random.Random(f"{seed} {staff_id}"), Journal()  # noqa: S311

    def work(self) -> Journal:
        while self._is_wanted():
            act = self._dice.choices((self._one, self._some, self._second), (8, 2, 1))[0]
            if not (self._pressed(act) or self._pressed(self._one) or self._pressed(self._second)):
                time.sleep(0.05)  # what is left is in others' hands, and may want a second person
        self._database.dispose()
        return self.journal

    def _is_wanted(self) -> bool:
        """Whether something waits, is claimed, or wants a second person, whoever that may be."""
        busy = ReviewItem.status.in_(("waiting", "reserved", "claimed"))
        second = (Decision.wants != "") & Decision.confirmed_by.is_(None)
        second &= Decision.dropped_at.is_(None)
        with self._database.reading() as records:
            return records.scalar(select(exists().where(busy) | exists().where(second))) or False

    def _pressed(self, act: Any) -> bool:
        try:
            return bool(act())
        except OperationalError:
            self.journal.busy += 1
            return True
        except (Settled, NotHeld, SamePerson):
            return True  # another was quicker, or the minute is over: both are said

    def _one(self) -> bool:
        with self._database.writing() as records:
            mine = claims_of(records, self._me)  # where the records were busy a moment ago
            item = mine[0] if mine else next_for(records, self._life, self._me, _now())
        if item is None:
            return False
        if self._dice.random() < 0.05:
            return self._release(item)
        verdicts = (_APPROVED, _RETURNED, _REFUSED, _held())
        verdict = self._dice.choices(verdicts, (75, 15, 5, 5))[0]
        self._decide(item, verdict)
        return True

    def _release(self, item: ReviewItem) -> bool:
        with self._database.writing() as records:
            release(records, self._life, self._me, item.application_id, _now())
        self.journal.released += 1
        return True

    def _decide(self, item: ReviewItem, verdict: Verdict) -> None:
        with self._database.writing() as records:
            decision = self._put(records, item, verdict)
        self.journal.decided.append(decision)
        if self._dice.random() < 0.1:
            time.sleep(self._dice.choice((0, 0.95, 1.0)))  # about when it takes effect
            self._undo(decision)
            self._decide(item, _APPROVED)

    def _put(self, records: Records, item: ReviewItem, verdict: Verdict) -> str:
        args = (self._reasons, self._me, item.application_id, verdict, _now())
        return decide(records, self._life, *args).id

    def _undo(self, decision: str) -> None:
        with self._database.writing() as records:
            undo(records, self._life, self._me, decision, _now())
        self.journal.undone.append(decision)

    def _some(self) -> bool:
        """Several that agree; their pictures are none here."""
        with self._database.writing() as records:
            items = agreeing(records, self._life, self._me, _now(), 5)
        if not items:
            return False
        ids = [item.application_id for item in items]
        with self._database.writing() as records:
            made = [d.id for d in approve_together(records, self._life, self._me, ids, _now())]
        self.journal.decided += made
        return True

    def _second(self) -> bool:
        with self._database.reading() as records:
            waiting = [
                decision.id
                for wants in (CONFIRM, SECOND_LOOK)
                for decision in waiting_for_second(records, self._me, wants)
            ]
        if not waiting:
            return False
        with self._database.writing() as records:
            confirm(records, self._life, self._me, self._dice.choice(waiting), _now())
        self.journal.confirmed += 1
        return True


# --- small parts --------------------------------------------------------------------------------


def _processes() -> Any:
    """New ones begin with everything imported: a worker lives too short to do that itself."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    return context


def _now() -> datetime:
    return datetime.now(UTC)


def _held() -> Verdict:
    return Verdict(Kind.HOLD, until=date.today() + timedelta(days=3))


def _prepare(database: Database, applications: int, reviewers: int) -> list[str]:
    for start in range(0, applications, 250):
        with database.writing() as records:
            for _ in range(start, min(start + 250, applications)):
                handed_in(records, at=_now())
    with database.writing() as records:
        return [officer(records).id for _ in range(reviewers)]


def _review(url: str, people: list[str], seed: int) -> list[Journal]:
    shares = [(url, people[n::PROCESSES], seed) for n in range(PROCESSES)]
    with _processes().Pool(PROCESSES) as pool:
        return [journal for journals in pool.starmap(_share, shares) for journal in journals]


def _share(url: str, people: list[str], seed: int) -> list[Journal]:
    reviewers = [Reviewer(url, staff_id, seed) for staff_id in people]
    with ThreadPoolExecutor(max(1, len(reviewers))) as threads:
        return list(threads.map(Reviewer.work, reviewers))


def _apply(url: str) -> None:
    database, life = Database(url), lifecycle()
    while True:
        try:
            apply_due(database, life, _now(), limit=20)
        except OperationalError:
            continue  # busy: the next round finds it
        time.sleep(0.05)


@contextmanager
def _workers(url: str) -> Iterator[list[int]]:
    """Two that apply; the first is killed and started again. Yields how often."""
    processes, kills = _processes(), [0]

    def start() -> BaseProcess:
        process: BaseProcess = processes.Process(target=_apply, args=(url,), daemon=True)
        process.start()
        return process

    steady, mortal, end = start(), [start()], [False]

    def kill() -> None:
        while not end[0]:
            time.sleep(KILL_EVERY)
            mortal[0].kill()
            mortal[0].join()
            kills[0] += 1
            mortal[0] = start()

    with ThreadPoolExecutor(1) as thread:
        killing = thread.submit(kill)
        try:
            yield kills
        finally:
            end[0] = True
            killing.result()
            for process in (steady, *mortal):
                process.kill()
                process.join()


def _drained(database: Database) -> bool:
    """Wait until everything that is decided is in effect."""
    open_ = select(Decision.id).where(Decision.applied_at.is_(None), Decision.dropped_at.is_(None))
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with database.reading() as records:
            if records.scalar(open_.limit(1)) is None:
                return True
        time.sleep(0.1)
    return False


@contextmanager
def _database(backend: str) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="review-", dir="/tmp") as name:
        if backend == "sqlite":
            yield f"sqlite:///{Path(name) / 'records.db'}"
            return
        server = Postgres(Path(name))
        try:
            server.execute("CREATE DATABASE review")
            yield server.url("review")
        finally:
            server.stop()
