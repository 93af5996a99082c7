"""One request's way through a turn: take the lease or wait, handle what is before it, answer."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from bot.dialogue.messages import Kind, Reply, Update
from bot.dialogue.state import Session
from bot.ports import Budget
from bot.sessions import Committed, Done, Drains, Full, Head, Run, Sessions, SessionsAway
from bot.turn.heads import Heads
from bot.turn.openings import opening
from bot.turn.owed import OwedReleases
from bot.turn.parts import Attempt, Parts
from bot.turn.result import Result, Unsettled

_INTERNAL = (Kind.RESULT, Kind.DRAIN)
_FIRST_NAP, _LONGEST_NAP = 0.005, 0.05
_EVERY_LETTER = 1_000_000
_TROUBLED_NAP = 0.1  # after a database or Redis that did not answer

End = Literal["answered", "late", "deferred", "full", "gone", "away"]


@dataclass(frozen=True, slots=True)
class Said:
    """How a request ended, and what it answers: answered · late, deferred (the reply goes by mail,
    in the place of it stands a sentence) · full, away (nothing was taken) · gone (of a result)."""

    end: End
    reply: Reply | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What all requests of a process share. `slots` bounds how many of them may wait."""

    sessions: Sessions
    drains: Drains
    heads: Heads
    parts: Parts
    owed: OwedReleases
    lease_ms: int
    seconds: float
    slots: threading.BoundedSemaphore
    monotonic: Callable[[], float]


class Visit:
    """Used once: `run` it. Afterwards `mail_left` and `refused` tell of the mailbox."""

    def __init__(self, waiting: Waiting, update: Update, budget: Budget | None = None) -> None:
        self._all = waiting
        self._parts = waiting.parts
        self._update = update
        self._internal = update.kind in _INTERNAL
        self._passive = (
            not self._internal and waiting.parts.channels[update.account.channel].answers_at_once
        )
        self._budget = budget or Budget(waiting.seconds, waiting.monotonic)
        self._sealed = waiting.sessions.sealed(update)
        self._opening = opening(waiting.parts.city, update, waiting.parts.now())
        self._owner = uuid.uuid4().hex
        self._begun: set[str] = set()  # heads this visit has tried
        self._session = b""
        self._nap = _FIRST_NAP
        self._slot = False
        self.mail_left = 0
        self.refused = ""

    def run(self) -> Said:
        """Raises `SessionsAway` when Redis stays away, `SealError` for a missing key."""
        try:
            while True:
                try:
                    said = self._begin()
                except SessionsAway:
                    if not self._may_wait():
                        self._owe()
                        raise
                    said, self._nap = None, _TROUBLED_NAP
                if said is not None:
                    return said
                if not self._may_wait():
                    return self._give_up()
                time.sleep(min(self._nap, self._budget.left()))
                self._nap = min(self._nap * 1.5, max(self._nap, _LONGEST_NAP))
        finally:
            if self._slot:
                self._all.slots.release()

    def _may_wait(self) -> bool:
        if self._budget.left() <= 0:
            return False
        self._slot = self._slot or self._all.slots.acquire(blocking=False)
        return self._slot

    def _begin(self) -> Said | None:
        """None: not yet."""
        self._parts.hook("before begin")
        lease_end = self._all.monotonic() + self._all.lease_ms / 1000
        answer = self._all.sessions.begin(
            self._update,
            self._sealed,
            self._owner,
            lease_ms=self._all.lease_ms,
            late=not self._passive,
            opening=self._opening,
        )
        self._parts.hook("after begin")
        self._all.owed.settle()
        if isinstance(answer, Done):
            return self._done(answer.reply, answer.mail_left)
        if isinstance(answer, Full):
            return Said("full", self._told("full_apology") if answer.first else None)
        if isinstance(answer, Run):
            return self._work(answer.head, lease_end)
        return None

    def _work(self, head: Head, lease_end: float) -> Said | None:
        """Handle heads until our own is done, the time is over, or the queue is empty."""
        while True:
            own = head.update.id == self._update.id
            again = head.again or head.update.id in self._begun
            self._begun.add(head.update.id)
            self._session = head.session
            attempt = Attempt(head, again, own, self._budget, lease_end)
            try:
                result = self._all.heads.end(attempt)
            except Unsettled:
                self._let_go()
                return None
            reply, taken = self._fit(head, result, own)
            lease_end = self._all.monotonic() + self._all.lease_ms / 1000
            go_on = not own and self._budget.left() > 0
            committed = self._commit(head, result, reply, taken, go_on)
            if own:
                self.refused = result.refused
                return self._own_end(result, reply, committed)
            if committed is None:
                self._owe()
                raise SessionsAway
            if committed.status == "lost":
                self._owner = uuid.uuid4().hex
            if committed.following is None:
                return None
            head = committed.following

    def _own_end(
        self, result: Result, reply: Reply | None, committed: Committed | None
    ) -> Said | None:
        if committed is None:
            # Redis went away with the answer. What was said stands: the records are committed,
            # and whoever finds the head later comes to the same.
            self._owe()
            if result.deferred:
                return Said("deferred", self._told("please_wait"))
            return Said("answered", reply if self._passive else None)
        if committed.status == "lost":
            self._owner = uuid.uuid4().hex
            return None
        if committed.status == "deferred":
            # Where no answer is wanted on the spot nobody waits for the work: its reply is mail.
            return None if self._passive or self._internal else Said("deferred")
        return self._done(committed.reply, committed.mail_left)

    def _fit(self, head: Head, result: Result, own: bool) -> tuple[Reply | None, int]:
        """The reply with as much mail before it as one passive reply can hold.

        Only with our own: of another's request nobody knows whether it still listens.
        """
        if head.update.kind is Kind.DRAIN:
            return None, result.taken
        if head.update.kind is Kind.REVOKED:  # what waits tells of what must be deleted
            return result.reply, _EVERY_LETTER
        channel = self._parts.channels[head.update.account.channel]
        goes_now = not head.late and channel.answers_at_once and not result.deferred
        if not (own and head.mail and goes_now):
            return result.reply, 0
        return channel.fit(result.reply, [letter.reply for letter in head.mail])

    def _commit(
        self, head: Head, result: Result, reply: Reply | None, taken: int, go_on: bool
    ) -> Committed | None:
        """None: Redis was away to the end; whether it stored the turn is not known."""
        while True:
            self._parts.hook("before commit")
            try:
                committed = self._all.sessions.commit(
                    self._owner,
                    head,
                    result.session,
                    reply,
                    deferred=result.deferred,
                    answers=result.answers,
                    taken=taken,
                    go_on=go_on,
                    lease_ms=self._all.lease_ms,
                    told=head.parked if result.all_told else "",
                )
            except SessionsAway:
                if self._budget.left() <= 0:
                    return None
                time.sleep(min(_TROUBLED_NAP, self._budget.left()))
                continue
            self._parts.hook("after commit")
            return committed

    def _let_go(self) -> None:
        """The head cannot be settled now (SQL is away): leave it to the next try, uncounted."""
        self._nap = _TROUBLED_NAP
        self._all.sessions.release(self._update.account, self._owner)
        self._owner = uuid.uuid4().hex

    def _owe(self) -> None:
        """Redis may hold our lease, and cannot be told that we are well: once it can."""
        self._all.owed.add(self._update.account, self._owner)

    def _done(self, reply: Reply | None, mail_left: int) -> Said:
        self.mail_left = mail_left
        if mail_left and self._update.kind is not Kind.DRAIN:
            with suppress(SessionsAway):  # then it waits for the next visit
                self._all.drains.ask(self._update.account)
                self._parts.wake("drain")
        return Said("answered", reply)

    def _give_up(self) -> Said:
        """Answer without the reply: it will go by mail."""
        self._parts.hook("before give up")
        if self._update.kind is not Kind.DRAIN:
            self._all.drains.ask(self._update.account)
        answer = self._all.sessions.give_up(self._update.account, self._update.id)
        self._parts.hook("after give up")
        if isinstance(answer, Done):
            return self._done(answer.reply, answer.mail_left)
        if self._update.kind is not Kind.DRAIN:
            self._parts.wake("drain")
        if answer.status == "late" or not self._passive:
            return Said(answer.status)
        key = "please_wait" if answer.status == "deferred" else "apology"
        return Said(answer.status, self._told(key))

    def _told(self, key: str) -> Reply | None:
        if not self._passive:
            return None
        locale = Session.from_json(self._session).locale
        said, waits = self._parts.texts.say(locale, key), key == "please_wait"
        return Reply(said, locale=locale, pending=waits)
