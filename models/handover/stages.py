"""What a line of a reply file means for the application: where it leads, and by which road."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from models.application_states import State

CHAIN: tuple[State, ...] = (
    State.SENT_TO_PROVINCE,
    State.PROVINCE_CHECKING,
    State.BANK_OPENING,
    State.IN_PRODUCTION,
    State.PRODUCED,
    State.READY_FOR_PICKUP,
    State.COLLECTED,
    State.ACTIVATED,
)
"""The road of a card that meets no trouble; one in the post has MAILED in the sixth place."""

RANK: Mapping[State, int] = {
    **{state: rank for rank, state in enumerate(CHAIN, 1)},
    State.PROVINCE_RETURNED: 2,
    State.BANK_FAILED: 3,
    State.PRODUCTION_FAILED: 4,
    State.MAILED: 6,
    State.MAIL_RETURNED: 6,
}
"""How far a state lies on the road, for those in which replies are awaited or may come late."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """`target`: the state it leads to; None: it is only noted. `rank`: how far it lies. `office`:
    lines of one office are told by one clock."""

    target: State | None
    rank: int
    office: str
    fails: bool = False


MEANINGS: Mapping[tuple[str, str], Meaning] = {
    ("PROVINCE", "TAKEN"): Meaning(State.PROVINCE_CHECKING, 2, "province"),
    ("PROVINCE", "OK"): Meaning(State.BANK_OPENING, 3, "province"),
    ("PROVINCE", "FAIL"): Meaning(State.PROVINCE_RETURNED, 2, "province", fails=True),
    ("BANK", "OK"): Meaning(State.IN_PRODUCTION, 4, "bank"),
    ("BANK", "FAIL"): Meaning(State.BANK_FAILED, 3, "bank", fails=True),
    ("BANK", "ACTIVATED"): Meaning(None, 4, "counter"),
    ("FACTORY", "OK"): Meaning(State.IN_PRODUCTION, 4, "making"),
    ("FACTORY", "FAIL"): Meaning(State.PRODUCTION_FAILED, 4, "making", fails=True),
    ("CENTRE", "OK"): Meaning(State.PRODUCED, 5, "making"),
    ("CENTRE", "FAIL"): Meaning(State.PRODUCTION_FAILED, 4, "making", fails=True),
    ("BRANCH", "ARRIVED"): Meaning(State.READY_FOR_PICKUP, 6, "out"),
    ("BRANCH", "COLLECTED"): Meaning(State.COLLECTED, 7, "out"),
    ("BRANCH", "ACTIVATED"): Meaning(State.ACTIVATED, 8, "out"),
    ("MAIL", "SENT"): Meaning(State.MAILED, 6, "out"),
    ("MAIL", "DELIVERED"): Meaning(State.COLLECTED, 7, "out"),
    ("MAIL", "RETURNED"): Meaning(State.MAIL_RETURNED, 6, "out", fails=True),
}

_BEFORE: Mapping[State, State] = {
    State.PROVINCE_RETURNED: State.PROVINCE_CHECKING,
    State.BANK_FAILED: State.BANK_OPENING,
    State.PRODUCTION_FAILED: State.IN_PRODUCTION,
    State.MAIL_RETURNED: State.MAILED,
}
"""From where a failure is reached."""


def road(start: State, target: State, *, by_post: bool) -> list[State] | None:
    """The moves from one state to another, all of which a reply may make: a later stage implies
    those before it. None where no reply leads there: what waits for a person stays where it is.
    """
    if target in _BEFORE:
        before = _BEFORE[target]
        first = [] if start is before else road(start, before, by_post=by_post)
        return None if first is None else [*first, target]
    chain = _chain(start, target, by_post=by_post)
    begins = {State.PRODUCTION_FAILED: State.BANK_OPENING, State.MAIL_RETURNED: State.PRODUCED}
    at = begins.get(start, start)
    if start is State.MAILED and target is State.READY_FOR_PICKUP:
        return [State.MAIL_RETURNED, target]
    if at not in chain or target not in chain or chain.index(target) <= chain.index(at):
        return None
    return list(chain[chain.index(at) + 1 : chain.index(target) + 1])


def _chain(start: State, target: State, *, by_post: bool) -> tuple[State, ...]:
    named = {start, target}
    posted = State.MAILED in named or (by_post and State.READY_FOR_PICKUP not in named)
    if start is State.MAIL_RETURNED:  # it goes out again, or lies at a branch and was collected
        posted = target is State.MAILED
    return tuple(State.MAILED if posted and s is State.READY_FOR_PICKUP else s for s in CHAIN)
