"""The states of an application, who may move it where, and which moves the resident hears of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple


class State(StrEnum):
    """Where an application stands. DRAFT has no row of its own: it is what SUBMITTED comes from."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    UNDER_REVIEW = "UNDER_REVIEW"
    RETURNED = "RETURNED"
    RESUBMITTED = "RESUBMITTED"
    REFUSED = "REFUSED"
    APPROVED = "APPROVED"
    SENT_TO_PROVINCE = "SENT_TO_PROVINCE"
    PROVINCE_CHECKING = "PROVINCE_CHECKING"
    PROVINCE_RETURNED = "PROVINCE_RETURNED"
    BANK_OPENING = "BANK_OPENING"
    BANK_FAILED = "BANK_FAILED"
    IN_PRODUCTION = "IN_PRODUCTION"
    PRODUCTION_FAILED = "PRODUCTION_FAILED"
    PRODUCED = "PRODUCED"
    READY_FOR_PICKUP = "READY_FOR_PICKUP"
    MAILED = "MAILED"
    MAIL_RETURNED = "MAIL_RETURNED"
    COLLECTED = "COLLECTED"
    ACTIVATED = "ACTIVATED"
    SEALED = "SEALED"
    CANCEL_REQUESTED = "CANCEL_REQUESTED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    ON_HOLD = "ON_HOLD"


class Actor(StrEnum):
    """Who moves an application."""

    CITIZEN = "citizen"
    OFFICER = "officer"
    BATCH = "batch"  # the hand-over to the province
    REPLY = "reply"  # what the province, the bank, the factory or the branch answers
    TIMER = "timer"


class Move(NamedTuple):
    """Who may make a move, and whether the resident is told of it."""

    actors: frozenset[Actor]
    told: bool


_TABLE = """
DRAFT > SUBMITTED: citizen told; CANCELLED: citizen; EXPIRED: timer
SUBMITTED > UNDER_REVIEW: officer; CANCELLED: citizen told
RESUBMITTED > UNDER_REVIEW: officer; CANCELLED: citizen told
UNDER_REVIEW > APPROVED: officer told; RETURNED: officer told; REFUSED: officer told
UNDER_REVIEW > ON_HOLD: officer; SUBMITTED: officer timer; RESUBMITTED: officer timer
RETURNED > RESUBMITTED: citizen told; EXPIRED: timer told; CANCELLED: citizen
APPROVED > SENT_TO_PROVINCE: batch told; CANCEL_REQUESTED: citizen; UNDER_REVIEW: officer
CANCEL_REQUESTED > CANCELLED: officer told; APPROVED: officer told
SENT_TO_PROVINCE > PROVINCE_CHECKING: reply
PROVINCE_CHECKING > BANK_OPENING: reply; PROVINCE_RETURNED: reply
PROVINCE_RETURNED > RETURNED: officer told; UNDER_REVIEW: officer
BANK_OPENING > IN_PRODUCTION: reply told; BANK_FAILED: reply told
BANK_FAILED > RETURNED: officer told; BANK_OPENING: citizen officer told
IN_PRODUCTION > PRODUCED: reply; PRODUCTION_FAILED: reply
PRODUCTION_FAILED > IN_PRODUCTION: timer reply; ON_HOLD: timer reply
PRODUCED > READY_FOR_PICKUP: reply officer told; MAILED: reply officer told
MAILED > COLLECTED: citizen reply told; MAIL_RETURNED: reply officer told
MAIL_RETURNED > MAILED: reply officer told; READY_FOR_PICKUP: reply officer told
READY_FOR_PICKUP > COLLECTED: reply officer told; SEALED: timer told
COLLECTED > ACTIVATED: citizen reply officer told
ON_HOLD > UNDER_REVIEW: officer timer
"""


def _read_moves(table: str) -> Iterator[tuple[tuple[State, State], Move]]:
    for line in table.strip().splitlines():
        start, moves = line.split(" > ")
        for move in moves.split("; "):
            end, words = move.split(": ")
            actors = frozenset(Actor(word) for word in words.split() if word != "told")
            yield (State(start), State(end)), Move(actors, "told" in words.split())


MOVES: Mapping[tuple[State, State], Move] = MappingProxyType(dict(_read_moves(_TABLE)))

ENDED_OTHERWISE = frozenset({State.REFUSED, State.SEALED, State.CANCELLED, State.EXPIRED})
CLOSED = ENDED_OTHERWISE | {State.COLLECTED, State.ACTIVATED}
"""A holder with an application in one of these may hand in another."""


def _words(number: int, states: Iterable[State]) -> dict[State, int]:
    return dict.fromkeys(states, number)


_WORDS: Mapping[State, int] = MappingProxyType(
    _words(1, (State.SUBMITTED, State.RESUBMITTED))
    | _words(2, (State.UNDER_REVIEW, State.RETURNED, State.ON_HOLD))
    | _words(3, (State.APPROVED, State.CANCEL_REQUESTED, State.SENT_TO_PROVINCE))
    | _words(3, (State.PROVINCE_CHECKING, State.PROVINCE_RETURNED))
    | _words(3, (State.BANK_OPENING, State.BANK_FAILED))
    | _words(4, (State.IN_PRODUCTION, State.PRODUCTION_FAILED, State.PRODUCED))
    | _words(5, (State.READY_FOR_PICKUP, State.MAILED, State.MAIL_RETURNED))
    | _words(6, (State.COLLECTED, State.ACTIVATED))
)


def resident_word(state: str) -> int | None:
    """Which of the six words a resident sees: 1 已提交 … 6 完成; None for what ended otherwise."""
    return _WORDS.get(State(state))


def may_move(start: str, end: str, actor: str) -> bool:
    """Whether this actor may move an application from `start` to `end`."""
    move = MOVES.get((State(start), State(end)))
    return move is not None and Actor(actor) in move.actors


def is_told(start: str, end: str) -> bool:
    """Whether the resident is told of this move."""
    move = MOVES.get((State(start), State(end)))
    return move is not None and move.told
