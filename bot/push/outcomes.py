"""What becomes of a delivery by how its call ended: a table of reasons, without any I/O."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from bot.dialogue.messages import AccountKey
from bot.ports import Rung
from bot.push.ports import Outgoing, Result
from bot.push.roads import VISIT
from bot.work.ladder import next_day
from models.push.deliveries import Outcome
from models.push.ending import End

ATTEMPTS = 6  # on one road, over about half a minute
_FIRST_PAUSE = timedelta(seconds=1)
_UNMARKED = timedelta(minutes=1)


class Held(NamedTuple):
    """What a call uses up: one of the messages that an account allowed (its key, the wording's id),
    a place of a day, so many fen."""

    credit: tuple[str, str] | None = None
    day: date | None = None
    fen: int = 0


class Call(NamedTuple):
    """A call that is marked, and about to be made. `outgoing` is None for the next visit, which is
    told of by marks for `marks`; so is, to their next turn, what answers are expected to.
    `doubted`: one before it may have been carried out."""

    campaign_id: int
    recipient: int
    road: str
    rung: Rung
    credential: str
    outgoing: Outgoing | None
    left: str
    attempts: int
    called_at: datetime
    lease_until: datetime
    held: Held = Held()
    doubted: bool = False
    marks: tuple[AccountKey, ...] = ()

    def end(
        self,
        state: Outcome,
        reason: str = "",
        *,
        left: str | None = None,
        attempts: int | None = None,
        due_at: datetime | None = None,
        called_at: datetime | None = None,
        sent_as: str | None = None,
    ) -> End:
        """Its end, which holds only as long as its lease does."""
        return End(
            self.recipient,
            state,
            self.road,
            reason,
            self.left if left is None else left,
            self.attempts if attempts is None else attempts,
            due_at,
            called_at,
            sent_as,
            self.lease_until,
        )


class Ended(NamedTuple):
    """The end of a call; `back` is what it surely did not use, `void`: and no more messages of its
    kind will pass, whatever was allowed. `leaves`: why its road did not hold."""

    call: Call
    end: End
    back: Held = Held()
    void: bool = False
    leaves: str = ""


def ended(call: Call, result: Result, keyed: bool, now: datetime, chance: float) -> Ended:
    """`keyed`: the receiver knows the call by its key. `chance`, from 0 to 1, spreads retries."""
    if call.road == VISIT:
        return _visited(call, result, now)
    more, reason = call.attempts < ATTEMPTS, result.reason
    if not reason:
        return Ended(call, call.end("sent", sent_as=result.sent_as or None))
    # What may have been carried out gives nothing back.
    back, since = (Held(), call.called_at) if call.doubted else (call.held, None)
    if reason == "quota":
        return Ended(
            call,
            call.end("waiting", reason, attempts=0, due_at=next_day(now), called_at=since),
            back,
        )
    later = now + max(_pause(call.attempts, chance), timedelta(seconds=result.wait))
    if reason == "transient" and more:
        return Ended(call, call.end("waiting", reason, due_at=later, called_at=since), back)
    if reason == "unknown" and keyed and more:
        return Ended(call, call.end("waiting", reason, due_at=later, called_at=call.called_at))
    if reason == "unknown" or call.doubted:  # the next road might tell it twice
        return Ended(call, call.end("unknown", reason))
    return _leaving(call, result, now, back)


def last_reason(left: str) -> str:
    """The class of why the last road was left, "" where none was."""
    return left.rpartition(";")[2].strip().partition(" ")[2].partition(" ")[0]


def left_roads(left: str) -> frozenset[str]:
    """The roads that were left, of `Delivery.left`."""
    return frozenset(each.strip().partition(" ")[0] for each in left.split(";") if each)


def with_left(left: str, road: str, why: str) -> str:
    """One road more."""
    return f"{left}; {road} {why}" if left else f"{road} {why}"


def _leaving(call: Call, result: Result, now: datetime, back: Held) -> Ended:
    why = f"{result.reason} {result.detail}".strip()[:48].replace(";", ",")
    left = with_left(call.left, call.road, why)
    waits = call.end("waiting", result.reason, left=left, attempts=0, due_at=now)
    return Ended(call, waits, back, result.reason == "permanent", why)


def _visited(call: Call, result: Result, now: datetime) -> Ended:
    if result.reason:
        return Ended(call, call.end("waiting", "unmarked", attempts=0, due_at=now + _UNMARKED))
    return Ended(call, call.end("visit", last_reason(call.left)))


def _pause(attempts: int, chance: float) -> timedelta:
    """1, 2, 4 … seconds, half of it to one and a half times."""
    pause: timedelta = _FIRST_PAUSE * int(2 ** (attempts - 1)) * (0.5 + chance)
    return pause


def unbegun(call: Call, now: datetime) -> Ended:
    """A call that was marked and never made: it is taken again, as if it had not been."""
    back, since = (Held(), call.called_at) if call.doubted else (call.held, None)
    waits = call.end("waiting", "", attempts=call.attempts - 1, due_at=now, called_at=since)
    return Ended(call, waits, back)
