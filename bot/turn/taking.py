"""`Turns`: the door of this room. An update in; its reply, nothing, or an apology out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from bot.dialogue.messages import AccountKey, Kind, Reply, Update
from bot.ports import Budget, Channel, Handle, Sources
from bot.sessions import Drains, Receipts, Sessions, SessionsAway, Spoken
from bot.turn import counts
from bot.turn.heads import Heads
from bot.turn.owed import OwedReleases
from bot.turn.parts import Hook, Parts
from bot.turn.reports import Reports
from bot.turn.visit import Said, Visit, Waiting
from config.city import City
from config.locales import Texts
from config.reasons import Reason, load_reasons
from config.templates import Templates
from models.database import Database
from models.documents import ObjectStore
from models.sealing import Keyring, SealError

_REPORTS = (Kind.DELIVERY, Kind.MASS)
LEASE_MS = 6000  # longer than any turn: 3 s of budget and 2 s for a lock
DEADLINE_SECONDS = 3.0  # every reply is out in four, the web server's own queue included

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Drained:
    """How an attempt to empty a mailbox ended.

    `left`: letters still there. `refused`: the platform's reason, empty when it took the message.
    `busy`: the person's lease could not be had in time.
    """

    left: int = 0
    refused: str = ""
    busy: bool = False


class Turns:
    """Takes updates, one at a time per person, in the order of their arrival, each once.

    `threads` is the number of threads that call `take` in this process: at most half of them wait.
    `wake` rings a lane of the background work; it must not raise. `hook` is for crash tests. In
    `receipts` stands what became of messages, in line for a worker; without it each is recorded. In
    `spoken` stands who wrote, likewise; without it that is not noted.
    """

    def __init__(
        self,
        sessions: Sessions,
        database: Database,
        keys: Keyring,
        city: City,
        texts: Texts,
        sources: Sources,
        handle: Handle,
        channels: Mapping[str, Channel],
        objects: ObjectStore,
        wake: Callable[[str], None],
        *,
        drains: Drains,
        templates: Templates,
        watermark: Callable[[bytes, str], bytes],
        lease_ms: int = LEASE_MS,
        deadline_s: float = DEADLINE_SECONDS,
        threads: int = 16,
        hook: Hook = lambda point: None,
        reasons: Mapping[str, Reason] | None = None,
        receipts: Receipts | None = None,
        spoken: Spoken | None = None,
    ) -> None:
        self._parts = Parts(
            database,
            keys,
            city,
            texts,
            templates,
            sources,
            handle,
            channels,
            objects,
            watermark,
            wake,
            hook,
            reasons if reasons is not None else load_reasons(),
        )
        self._reports = Reports(self._parts, receipts)
        self._waiting = Waiting(
            sessions=sessions,
            drains=drains,
            heads=Heads(self._parts, spoken),
            owed=OwedReleases(sessions),
            parts=self._parts,
            lease_ms=lease_ms,
            seconds=deadline_s,
            slots=threading.BoundedSemaphore(max(1, threads // 2)),
            monotonic=time.monotonic,
        )

    def take(self, update: Update, seconds: float | None = None) -> Reply | None:
        """The passive reply; None where there is nothing to say here: answer `success`.

        `seconds` is how long the request may wait, where its platform wants an answer sooner than
        the deadline. A handler's failure is an apology, and so is a Redis that stays away. What
        became of a message that was sent is recorded without waiting for the person's turn.
        """
        return self.answer(update, seconds).reply

    def answer(self, update: Update, seconds: float | None = None) -> Said:
        """What `take` gives, and how it ended: for who can ask again, or look elsewhere."""
        patience = min(self._waiting.seconds, seconds or self._waiting.seconds)
        budget = Budget(patience, self._waiting.monotonic)
        if update.kind in _REPORTS and self._reports.take(update, budget):
            counts.ended("reported").inc()
            return Said("answered")
        try:
            said = Visit(self._waiting, update, budget).run()
        except (SessionsAway, SealError) as error:
            log.error("conversation out of reach", fault=type(error).__name__, update=update.id)
            counts.ended("away").inc()
            return Said("away", self._parts.apology())
        counts.ended(said.end).inc()
        return said

    def deliver(self, update: Update) -> bool:
        """Take an internal update, or a duty. True when it was handled or surely waits for its
        turn."""
        try:
            said = Visit(self._waiting, update).run()
        except (SessionsAway, SealError) as error:
            log.error("conversation out of reach", fault=type(error).__name__, update=update.id)
            return False
        counts.ended("internal").inc()
        return said.end not in ("gone", "full")

    def preview(self, update: Update, locale: str) -> Reply | None:
        """What somebody who has said nothing yet would be answered: for a page to show before
        they say anything. Changes nothing."""
        budget = Budget(self._waiting.seconds, self._waiting.monotonic)
        return self._waiting.heads.preview(update, locale, budget)

    def drain(self, account: AccountKey, update_id: str) -> Drained:
        """Send one message of what waits in the mailbox. Raises `SessionsAway`.

        The same `update_id` again means the same attempt: what it sent is not sent twice.
        """
        update = Update(update_id, account, Kind.DRAIN, at=self._parts.now())
        visit = Visit(self._waiting, update)
        said = visit.run()
        if said.end != "answered":
            return Drained(busy=True)
        return Drained(visit.mail_left, visit.refused)
