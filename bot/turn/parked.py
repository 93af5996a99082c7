"""The next visit: what waits in the records for a person is told before the reply to them.

The notices are marked as sent in the turn's own transaction, and their text stands in the reply
that the fence row seals: whoever takes the turn over tells the same, and nobody tells it again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session as Records

from bot.dialogue.messages import UNHEARD, Kind, Reply
from bot.dialogue.state import Session
from bot.turn.parts import Attempt, Parts
from bot.turn.pushes import Pushes
from bot.turn.result import Result
from bot.turn.transaction import LazyTransaction
from models.ladders import parked_ladders, tell_parked
from models.notices import Notice
from models.sealing import SealError

# The person has said nothing, or a page shows what it asked for and no words: this is no visit.
_NO_VISIT = (Kind.RESULT, Kind.DRAIN, Kind.PAGE)

log = structlog.get_logger(__name__)


class Visits:
    """Tells parked notices, and then campaigns, with the replies that can hold them."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._pushes = Pushes(parts)

    def note(self, attempt: Attempt, session: Session) -> bool:
        """Before the turn: remember which campaigns this person may answer. False: not known."""
        update = attempt.head.update
        if update.kind in _NO_VISIT or update.kind in UNHEARD:
            return True
        return self._pushes.note(session, str(update.account), marked=_is_marked(attempt))

    def tell(
        self, attempt: Attempt, transaction: LazyTransaction, result: Result, *, noted: bool = True
    ) -> Result:
        """The result with as many notices before its reply as one message can hold. The mark goes
        only where all is told, and what may be answered is `noted`.

        Only a reply that goes out at once, or to a channel where every one is late, is a visit:
        of a late one nobody knows when it arrives. Nothing of the reply is given up for a notice:
        what does not fit waits on.
        """
        if result.reply is None or not self._is_visit(attempt):
            return result
        found = self._waiting(attempt, transaction)
        if found is None:
            return result
        notices, more = found
        notices = self._told_by_itself(notices, transaction, result.reply.about)
        session = Session.from_json(result.session)
        worded = self._worded(notices, session.locale)
        account = str(attempt.head.update.account)
        pushes, left = (
            self._pushes.waiting(transaction.records, account, session.locale)
            if more
            else ([], False)
        )
        channel = self._parts.channels[attempt.head.update.account.channel]
        texts = [text for _, text in worded] + [push.text for push in pushes]
        reply, told = channel.fit(result.reply, texts) if texts else (result.reply, 0)
        if told and worded:
            first = [notice for notice, _ in worded[:told]]
            tell_parked(transaction.records, first, self._parts.now())
        if pushes:
            over = max(0, told - len(worded))
            self._pushes.tell(transaction.records, pushes, over, session)
            result = replace(result, session=session.to_json())
        all_told = told == len(texts) and not left and noted
        return replace(result, reply=reply, all_told=all_told)

    def _is_visit(self, attempt: Attempt) -> bool:
        head = attempt.head
        if head.update.kind in _NO_VISIT or not _is_marked(attempt):
            return False
        return not (head.late and self._parts.channels[head.update.account.channel].answers_at_once)

    def _waiting(
        self, attempt: Attempt, transaction: LazyTransaction
    ) -> tuple[list[Notice], bool] | None:
        """The notices, and whether campaigns wait as well. None: the records are out of reach; what
        waits is told another time.

        What this very turn has put an end to is not told: its own transaction is asked.
        """
        account = str(attempt.head.update.account)

        def ask(records: Records) -> tuple[list[Notice], bool]:
            return parked_ladders(records, account), self._pushes.waits(records, account)

        if transaction.used:
            return ask(transaction.records)
        try:
            with self._parts.database.reading() as records:
                return ask(records)
        except SQLAlchemyError as error:
            log.warning("parked notices out of reach", fault=type(error).__name__)
            return None

    def _told_by_itself(
        self, notices: Sequence[Notice], transaction: LazyTransaction, matter: str
    ) -> list[Notice]:
        """What is left when the reply tells the present state of a matter: who hears it needs no
        notices of how it came to that."""
        folded = [notice for notice in notices if matter and notice.matter == matter]
        if folded:
            tell_parked(transaction.records, folded, self._parts.now())
        return [notice for notice in notices if notice not in folded]

    def _worded(self, notices: Sequence[Notice], locale: str) -> list[tuple[Notice, Reply]]:
        """Each with its text. One that cannot be read must not keep the person from an answer."""
        worded = []
        for notice in notices:
            try:
                told = notice.open_payload(self._parts.keys)
                text = self._parts.templates.chat(told["name"], locale, told["params"])
            except (KeyError, SealError) as fault:
                log.error("notice unreadable", notice=notice.id, fault=type(fault).__name__)
                continue
            worded.append((notice, Reply(text)))
        return worded


def _is_marked(attempt: Attempt) -> bool:
    """Redis says that something waits, or knows so little that it may have lost the mark."""
    return bool(attempt.head.parked) or attempt.head.version == 0
