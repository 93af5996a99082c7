"""Questions put outside of the conversation: which are open, until when, and whose a number is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.dialogue import outside
from bot.dialogue.outside import MOST, Question, mark_of, tapped
from bot.dialogue.state import Session

NOW = datetime(2026, 11, 23, 2, 4, tzinfo=UTC)
WEEK = timedelta(days=7)


def known(session: Session, now: datetime = NOW) -> list[int]:
    return [question.number for question in outside.open_questions(session, now)]


def test_the_latest_are_remembered_first_and_not_too_many() -> None:
    session = Session()
    for number in range(1, MOST + 2):
        outside.remember(session, [Question(number, NOW + WEEK)])
    assert known(session) == list(range(MOST + 1, 1, -1))
    session = Session.from_json(session.to_json())
    assert known(session, NOW + WEEK) == []
    outside.forget(session, NOW)
    assert known(session) != []
    outside.forget(session, NOW + WEEK)
    assert session.notes == {}


def test_a_number_may_be_theirs_while_nothing_has_shown_others_since() -> None:
    session = Session(asked="0123456789")
    assert not outside.may_be_numbered(session)
    outside.remember(session, [Question(1, NOW + WEEK, numbered=True)])
    assert outside.may_be_numbered(session)
    outside.not_fresh(session)
    assert not outside.may_be_numbered(session)
    outside.remember(session, [Question(1, NOW + WEEK, numbered=True)])
    assert not outside.may_be_numbered(session), "it is known already"
    session.asked = ""
    assert outside.may_be_numbered(session)


@pytest.mark.parametrize("number", [1, 7_000_000, 0xFFFFFFFF])
def test_a_tap_names_its_question_and_its_option(number: int) -> None:
    assert tapped(f"{mark_of(number)}-2") == (number, "2")


@pytest.mark.parametrize("key", ["", "progress", "3f0a61c2d9-2", "ca0000000-1", "ca00000001-"])
def test_a_tap_on_anything_else_names_none(key: str) -> None:
    assert tapped(key) is None
