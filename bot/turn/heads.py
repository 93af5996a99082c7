"""Handling one head: the row of an earlier try, the handler, the records, what follows them."""

from __future__ import annotations

import traceback
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import structlog
from sqlalchemy.exc import OperationalError, SQLAlchemyError, TimeoutError

from bot.dialogue.messages import LATER, UNHEARD, Kind, Outcome, Reply, Update
from bot.dialogue.state import Session
from bot.ports import MUST_ARRIVE, Budget, Turn
from bot.sessions import Spoken
from bot.turn import counts
from bot.turn.drain import Drain
from bot.turn.parked import Visits
from bot.turn.parts import Attempt, Parts
from bot.turn.pictures import Pictures
from bot.turn.result import Result, Unsettled
from bot.turn.transaction import LazyTransaction
from bot.turn.uses import Uses
from models.turns import (
    TurnTaken,
    add_dead_letter,
    add_turn,
    find_turn,
    place_of_dead_letter,
    place_of_result,
)

TRIES = 3  # processes a head may kill before it is put aside
# A database away for longer, or a fault that only looks like it, must not stop the person.
RESULT_WAITS = timedelta(minutes=1)
DUTY_WAITS = timedelta(days=1)  # what must be deleted is not forgotten with an outage
_COMES_ONCE = (UNHEARD | {Kind.RESULT}) - {Kind.DRAIN}

log = structlog.get_logger(__name__)


class Heads:
    """Turns a head into a `Result` whose records are committed. Raises `Unsettled`."""

    def __init__(self, parts: Parts, spoken: Spoken | None = None) -> None:
        self._parts = parts
        self._uses = Uses(parts, spoken)
        self._pictures = Pictures(parts)
        self._drain = Drain(parts)
        self._visits = Visits(parts)

    def end(self, attempt: Attempt) -> Result:
        """Handle the head, or adopt what an earlier try came to."""
        if attempt.again and (earlier := self._earlier(attempt)):
            return earlier
        transaction = LazyTransaction(self._parts.database)
        try:
            return self._end(attempt, transaction)
        except (Unsettled, KeyboardInterrupt, SystemExit):
            raise
        except Exception as fault:
            transaction.abandon()
            if self._can_wait(attempt, fault):
                raise Unsettled from None
            return self._apologise(attempt, fault)
        finally:
            transaction.abandon()

    def _can_wait(self, attempt: Attempt, fault: Exception) -> bool:
        """Whether this comes once, and a database which is away kept it from being taken.

        A person can say again what had an apology; a result, or what the platform reports, stays
        at the head.
        """
        update = attempt.head.update
        is_away = isinstance(fault, OperationalError | TimeoutError)
        if not (update.kind in _COMES_ONCE and is_away):
            return False
        log.warning("not taken yet", update=update.id, fault=type(fault).__name__)
        must = update.kind is Kind.REVOKED or update.data.get(MUST_ARRIVE)
        wait = DUTY_WAITS if must else RESULT_WAITS
        return self._parts.now() - update.at < wait

    def _end(self, attempt: Attempt, transaction: LazyTransaction) -> Result:
        head = attempt.head
        if head.tries > TRIES:
            result = self._bury(attempt, transaction)
        elif head.update.kind is Kind.DRAIN:
            result = self._drain.prepare(attempt, transaction)
        else:
            result = self._handle(attempt, transaction)
        self._parts.hook("handled")
        if not (transaction.used or attempt.again):
            return result
        return self._settle(attempt, transaction, result)

    def preview(self, update: Update, locale: str, budget: Budget) -> Reply | None:
        """What a new conversation in this language would answer. Nothing is kept of it."""
        transaction = LazyTransaction(self._parts.database)
        try:
            turn = self._turn(update, Session(locale=locale), budget, transaction)
            outcome: Outcome = self._parts.handle(turn)
        finally:
            transaction.abandon()
        return _spoken(outcome, turn.session.locale)

    def _turn(
        self, update: Update, session: Session, budget: Budget, transaction: LazyTransaction
    ) -> Turn:
        parts = self._parts
        return Turn(
            update=update,
            session=session,
            city=parts.city,
            texts=parts.texts,
            sources=parts.sources,
            keys=parts.keys,
            budget=budget,
            transaction=transaction,
            now=parts.now(),
            answers=update.answers,
            manner=parts.channels[update.account.channel].manner,
            reasons=parts.reasons,
        )

    def _handle(self, attempt: Attempt, transaction: LazyTransaction) -> Result:
        head, session = attempt.head, Session.from_json(attempt.head.session)
        noted = self._visits.note(attempt, session)
        turn = self._turn(head.update, session, attempt.budget, transaction)
        outcome: Outcome = self._parts.handle(turn)
        self._uses.note(head.update, turn.session)
        result = Result(
            version=head.version,
            session=turn.session.to_json(),
            reply=_spoken(outcome, turn.session.locale),
            deferred=outcome is LATER,
            answers=turn.answers if head.update.kind is Kind.RESULT else "",
        )
        told = self._visits.tell(attempt, transaction, result, noted=noted)
        return self._pictures.prepare(attempt, transaction, told)

    def _settle(self, attempt: Attempt, transaction: LazyTransaction, result: Result) -> Result:
        """Commit the records and the row that fences them, in one transaction."""
        update, keys = attempt.head.update, self._parts.keys
        account = str(update.account)
        sealed = result.seal(keys, place_of_result(account, update.id))
        try:
            add_turn(transaction.records, account, update.id, sealed, self._parts.now())
        except TurnTaken:
            transaction.abandon()
            earlier = self._earlier(attempt)
            if earlier is None:
                raise Unsettled from None
            return earlier
        self._parts.hook("before sql commit")
        try:
            transaction.commit()
        except SQLAlchemyError as error:
            log.warning("commit in doubt", fault=type(error).__name__, update=update.id)
            raise Unsettled from None
        self._parts.hook("after sql commit")
        for lane in transaction.lanes:
            self._parts.wake(lane)
        return self._follow(attempt, result, adopted=False)

    def _follow(self, attempt: Attempt, result: Result, *, adopted: bool) -> Result:
        """What goes out by API message between the two commits."""
        if not result.notice:
            return result
        try:
            if attempt.head.update.kind is Kind.DRAIN:
                return self._drain.send(attempt, result, adopted=adopted)
            return self._pictures.show(attempt, result, adopted=adopted)
        except SQLAlchemyError as error:
            log.warning("notice in doubt", fault=type(error).__name__)
            raise Unsettled from None

    def _earlier(self, attempt: Attempt) -> Result | None:
        """What an earlier try committed, its sending brought to an end."""
        head, keys = attempt.head, self._parts.keys
        account = str(head.update.account)
        try:
            with self._parts.database.reading() as records:
                blob = find_turn(records, account, head.update.id)
        except SQLAlchemyError as error:
            log.warning("row out of reach", fault=type(error).__name__, update=head.update.id)
            raise Unsettled from None
        if blob is None:
            return None
        result = Result.open(keys, blob, place_of_result(account, head.update.id))
        if result.version < head.version:
            # An earlier life of this id, older than the stored replies: the reply is the same,
            # but the conversation has gone on since.
            reply = None if head.update.kind is Kind.DRAIN else result.reply
            return Result(head.version, head.session, reply, answers=result.answers)
        return self._follow(attempt, result, adopted=True)

    def _apologise(self, attempt: Attempt, fault: Exception) -> Result:
        """The handler failed: nothing of it stays, the person is told, the session is as before."""
        head = attempt.head
        counts.FAULTS.labels(type(fault).__name__).inc()
        log.error(
            "handler failed", update=head.update.id, fault=type(fault).__name__, at=_where(fault)
        )
        result = self._sorry(attempt)
        if not attempt.again:
            return result
        transaction = LazyTransaction(self._parts.database)
        try:
            return self._settle(attempt, transaction, result)
        except SQLAlchemyError:
            raise Unsettled from None
        finally:
            transaction.abandon()

    def _bury(self, attempt: Attempt, transaction: LazyTransaction) -> Result:
        """It killed its process three times: keep it for staff, apologise, let the person go on."""
        update, keys = attempt.head.update, self._parts.keys
        letter_id = self._parts.sources.new_id()
        try:
            add_dead_letter(
                transaction.records,
                letter_id=letter_id,
                account=str(update.account),
                update_id=update.id,
                update=keys.seal(update.to_json(), place_of_dead_letter(letter_id)),
                fault="ProcessDied",
                at=self._parts.now(),
            )
        except SQLAlchemyError:
            raise Unsettled from None
        counts.DEAD_LETTERS.inc()
        log.error("dead letter", update=update.id, letter=letter_id)
        return self._sorry(attempt)

    def _sorry(self, attempt: Attempt) -> Result:
        head = attempt.head
        silent = head.update.kind in UNHEARD
        return replace(
            Result(head.version, head.session, answers=head.update.answers),
            reply=None if silent else self._parts.apology(head.session),
        )


def _spoken(outcome: Outcome, locale: str) -> Reply | None:
    """The reply with the language it is in, for pages that read it aloud."""
    return replace(outcome, locale=locale) if isinstance(outcome, Reply) else None


def _where(fault: BaseException) -> str:
    """The innermost places of a fault, without its message: that may hold personal data."""
    frames = []
    with suppress(Exception):
        frames = traceback.extract_tb(fault.__traceback__)[-4:]
    return " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
