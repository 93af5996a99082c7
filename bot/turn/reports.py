"""Reports of what became of sent messages: they change no conversation and wait for nobody's turn.

After a bulk send they come by the ten thousand: what became of one message is put in line, which
is one call to Redis, and a worker's lane takes it to the records with hundreds of others. Without
Redis each is one transaction of its own. The same report again changes nothing, so that it needs
neither queue nor fence.
"""

from __future__ import annotations

import time

import structlog

from bot.dialogue.messages import Kind, Update, deliveries_of
from bot.dialogue.state import Session
from bot.ports import Budget, TooEarly, Turn
from bot.sessions import Receipts, SessionsAway
from bot.turn.parts import Parts
from bot.turn.transaction import LazyTransaction

_PATIENCE = 1.0  # seconds: our own record of a send is committed within milliseconds of the send
_NAP = 0.03

log = structlog.get_logger(__name__)


class Reports:
    """Takes reports outside the queue of their person. Without `receipts` there is no line."""

    def __init__(self, parts: Parts, receipts: Receipts | None = None) -> None:
        self._parts, self._receipts = parts, receipts

    def take(self, update: Update, budget: Budget) -> bool:
        """Put it in line, or record it. False when that could not be done now: then it is queued
        like any update.

        A report may overtake our own record of the send: it is given a second to appear.
        """
        if self._is_in_line(update):
            return True
        patience = Budget(budget.at_most(_PATIENCE), budget.monotonic)
        while True:
            try:
                self._record(update, budget)
                return True
            except TooEarly:
                if not patience.left():
                    log.warning("report of a message that nobody sent", update=update.id)
                    return True
                time.sleep(_NAP)
            except Exception as fault:
                log.warning("report not taken yet", update=update.id, fault=type(fault).__name__)
                return False

    def _is_in_line(self, update: Update) -> bool:
        if self._receipts is None or update.kind is not Kind.DELIVERY:
            return False
        try:
            self._receipts.add(str(update.account), deliveries_of(update))
        except SessionsAway as away:
            log.warning("report not in line", update=update.id, fault=str(away))
            return False
        return True

    def _record(self, update: Update, budget: Budget) -> None:
        transaction = LazyTransaction(self._parts.database)
        try:
            self._parts.handle(self._turn(update, budget, transaction))
            if transaction.used:
                transaction.commit()
        finally:
            transaction.abandon()
        for lane in transaction.lanes:
            self._parts.wake(lane)

    def _turn(self, update: Update, budget: Budget, transaction: LazyTransaction) -> Turn:
        """Without a conversation: what a handler would change in it is dropped."""
        parts = self._parts
        return Turn(
            update=update,
            session=Session(),
            city=parts.city,
            texts=parts.texts,
            sources=parts.sources,
            keys=parts.keys,
            budget=budget,
            transaction=transaction,
            now=parts.now(),
        )
