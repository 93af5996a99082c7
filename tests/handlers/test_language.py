"""Which language a person is answered in."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from bot.dialogue.state import Draft, Session
from handlers.everywhere import hear


def turn(session: Session) -> SimpleNamespace:
    return SimpleNamespace(session=session)


@pytest.mark.parametrize(
    ("said", "locale"),
    [("hello", "en"), ("Apply!", "en"), ("nihao", "zh_CN"), ("banka", "zh_CN"), ("你好", "zh_CN")],
)
def test_a_first_english_word_is_answered_in_english(said: str, locale: str) -> None:
    session = Session()
    hear(turn(session), said)
    assert session.locale == locale


def test_later_english_words_change_nothing() -> None:
    session = Session()
    for said in ("你好", "hello"):
        hear(turn(session), said)
    assert session.locale == "zh_CN"


def test_a_draft_keeps_its_language() -> None:
    session = Session(drafts={"card": Draft("d", "card", 1, "2026-11-23T10:00:00+08:00")})
    hear(turn(session), "hello")
    assert session.locale == "zh_CN"
