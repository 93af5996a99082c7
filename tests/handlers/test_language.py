"""Which language a person is answered in."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from bot.dialogue.state import Draft, Session
from handlers.everywhere import hear
from tests.handlers.chat import Chat


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


@pytest.mark.parametrize(
    ("said", "locale"),
    [
        ("语言", "en"),
        ("English please", "en"),
        ("can you speak English", "en"),
        ("说英语可以吗", "en"),
        ("换成繁體", "zh_CN"),
    ],
)
def test_only_a_language_that_there_is_is_switched_to(chat: Chat, said: str, locale: str) -> None:
    chat.says("你好")
    chat.says(said)
    assert chat.session.locale == locale


def test_a_language_that_there_is_not_is_answered(chat: Chat) -> None:
    assert "中文" in chat.says("换成繁體")
