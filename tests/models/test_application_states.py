"""The table of moves: complete, reachable, and with the six words of the resident."""

from __future__ import annotations

import pytest

from models.application_states import (
    CLOSED,
    ENDED_OTHERWISE,
    MOVES,
    Actor,
    State,
    is_told,
    may_move,
    resident_word,
)

TERMINAL = ENDED_OTHERWISE | {State.ACTIVATED}


def test_every_state_but_the_first_can_be_reached_and_only_ends_have_no_way_out() -> None:
    assert {end for _, end in MOVES} == set(State) - {State.DRAFT}
    assert {start for start, _ in MOVES} == set(State) - TERMINAL


def test_every_state_can_come_to_an_end() -> None:
    ending = set(TERMINAL)
    while more := {start for start, end in MOVES if end in ending} - ending:
        ending |= more
    assert ending == set(State)


@pytest.mark.parametrize(
    ("word", "states"),
    [
        (1, "SUBMITTED RESUBMITTED"),
        (2, "UNDER_REVIEW RETURNED ON_HOLD"),
        (3, "APPROVED CANCEL_REQUESTED SENT_TO_PROVINCE PROVINCE_CHECKING PROVINCE_RETURNED"),
        (3, "BANK_OPENING BANK_FAILED"),
        (4, "IN_PRODUCTION PRODUCTION_FAILED PRODUCED"),
        (5, "READY_FOR_PICKUP MAILED MAIL_RETURNED"),
        (6, "COLLECTED ACTIVATED"),
        (None, "DRAFT REFUSED SEALED CANCELLED EXPIRED"),
    ],
)
def test_the_resident_sees_one_of_six_words(word: int | None, states: str) -> None:
    assert {resident_word(state) for state in states.split()} == {word}


@pytest.mark.parametrize(
    ("start", "end", "actor", "allowed"),
    [
        ("SUBMITTED", "CANCELLED", "citizen", True),
        ("UNDER_REVIEW", "CANCELLED", "citizen", False),
        ("SENT_TO_PROVINCE", "CANCELLED", "citizen", False),
        ("UNDER_REVIEW", "APPROVED", "officer", True),
        ("UNDER_REVIEW", "APPROVED", "citizen", False),
        ("APPROVED", "UNDER_REVIEW", "officer", True),
        ("APPROVED", "UNDER_REVIEW", "citizen", False),
        ("SUBMITTED", "APPROVED", "officer", False),
        ("RETURNED", "EXPIRED", "timer", True),
        ("ACTIVATED", "SUBMITTED", "officer", False),
        ("BANK_FAILED", "BANK_OPENING", "citizen", True),
    ],
)
def test_who_may_move_what(start: str, end: str, actor: str, allowed: bool) -> None:
    assert may_move(start, end, actor) is allowed


def test_the_resident_is_told_of_the_moves_that_matter_to_them() -> None:
    assert is_told("DRAFT", "SUBMITTED")
    assert is_told("UNDER_REVIEW", "RETURNED")
    assert not is_told("SUBMITTED", "UNDER_REVIEW")
    assert not is_told("APPROVED", "UNDER_REVIEW")
    assert not is_told("ACTIVATED", "DRAFT")


def test_nobody_but_the_named_actors_appears() -> None:
    assert {actor for move in MOVES.values() for actor in move.actors} == set(Actor)
    assert all(move.actors for move in MOVES.values())


def test_closed_are_the_ends_and_a_card_in_hand() -> None:
    assert TERMINAL | {State.COLLECTED} == CLOSED
