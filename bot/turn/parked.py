"""The next visit: what waits in the records for a person is told before the reply to them.

The notices are marked as sent in the turn's own transaction, and their text stands in the reply
that the fence row seals: whoever takes the turn over tells the same, and nobody tells it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.dialogue.messages import Kind, Reply
from bot.dialogue.state import Session
from bot.turn.parts import Attempt, Parts
from bot.turn.result import Result
from bot.turn.transaction import LazyTransaction
from models.ladders import parked_ladders, tell_parked
from models.notices import Notice

_OWN_ROAD = (Kind.RESULT, Kind.DRAIN)  # the person has said nothing: this is no visit

log = structlog.get_logger(__name__)


class Visits:
    """Tells parked notices with the replies that can hold them."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def tell(self, attempt: Attempt, transaction: LazyTransaction, result: Result) -> Result:
        """The result with as many notices before its reply as one message can hold.

        Only a reply that goes out at once, or to a channel where every one is late, is a visit:
        of a late one nobody knows when it arrives.
        """
        if result.reply is None or not self._is_visit(attempt):
            return result
        waiting = self._waiting(attempt, transaction)
        if waiting is None:
            return result
        reply, told = self._joined(attempt, result, waiting) if waiting else (result.reply, 0)
        if told:
            tell_parked(transaction.records, waiting[:told], self._parts.now())
        return replace(result, reply=reply, all_told=told == len(waiting))

    def _is_visit(self, attempt: Attempt) -> bool:
        """Redis says that something waits, or knows so little that it may have lost the mark."""
        head = attempt.head
        if head.update.kind in _OWN_ROAD or not (head.parked or head.version == 0):
            return False
        return not (head.late and self._parts.channels[head.update.account.channel].answers_at_once)

    def _waiting(self, attempt: Attempt, transaction: LazyTransaction) -> list[Notice] | None:
        """None: the records are out of reach; what waits is told another time.

        What this very turn has put an end to is not told: its own transaction is asked.
        """
        account = str(attempt.head.update.account)
        if transaction.used:
            return parked_ladders(transaction.records, account)
        try:
            with self._parts.database.reading() as records:
                return parked_ladders(records, account)
        except SQLAlchemyError as error:
            log.warning("parked notices out of reach", fault=type(error).__name__)
            return None

    def _joined(
        self, attempt: Attempt, result: Result, waiting: Sequence[Notice]
    ) -> tuple[Reply | None, int]:
        """Nothing of the reply is given up for a notice: what does not fit waits on."""
        channel = self._parts.channels[attempt.head.update.account.channel]
        locale = Session.from_json(result.session).locale
        return channel.fit(result.reply, [self._text(notice, locale) for notice in waiting])

    def _text(self, notice: Notice, locale: str) -> Reply:
        told = notice.open_payload(self._parts.keys)
        return Reply(self._parts.templates.chat(told["name"], locale, told["params"]))
