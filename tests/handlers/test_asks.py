"""Beside its words a question says where the form is and what sort of answer it waits for."""

from __future__ import annotations

from bot.dialogue.messages import Reply
from models.database import Database
from tests.handlers.chat import CODE, NAME, NUMBER, PHONE, Chat


def asked(chat: Chat) -> tuple[str, int, str]:
    """The section, which of how many, and what is waited for, as the last answer says."""
    assert isinstance(chat.last, Reply)
    at = chat.last.position
    return (at.section, at.n, chat.last.asks) if at else ("", 0, chat.last.asks)


def test_each_question_of_the_card_form_says_what_it_waits_for(database: Database) -> None:
    chat = Chat(database)
    chat.says("办卡")
    assert asked(chat) == ("notice", 1, "consent")
    chat.says("同意")
    assert asked(chat) == ("id", 2, "photo")
    chat.reads()
    assert asked(chat) == ("id", 2, "choice")
    chat.says("1")
    chat.checks()
    assert asked(chat) == ("phone", 3, "phone")
    chat.says(PHONE)
    assert asked(chat) == ("phone", 3, "code")
    chat.says(CODE)
    chat.hears("check_phone", on_file=False)
    assert asked(chat) == ("life", 4, "place")
    chat.place()
    assert asked(chat) == ("life", 4, "choice")
    chat.says("3")
    assert asked(chat) == ("branch", 5, "choice")
    chat.says("1")
    assert asked(chat) == ("check", 6, "photo")
    chat.photo()
    chat.hears("take_portrait", document="d" * 32)
    chat.says("1")
    assert asked(chat) == ("check", 6, "confirm")
    chat.says("确认")
    assert asked(chat) == ("", 0, "")


def test_a_wrong_answer_leaves_the_place_and_the_sort_of_answer(database: Database) -> None:
    chat = Chat(database)
    chat.to_phone()
    chat.says("123")
    assert asked(chat) == ("phone", 3, "phone")


def test_what_is_typed_in_the_place_of_photos_is_a_text_and_a_date(database: Database) -> None:
    chat = Chat(database)
    chat.says("办卡", "同意", "手输")
    assert asked(chat) == ("id", 2, "text")
    chat.says(f"{NAME} {NUMBER}")
    chat.hears("check_person", identity="match", eligibility={})
    chat.says("汉")
    assert asked(chat) == ("id", 2, "date")


def test_progress_waits_for_words_and_then_for_a_code(database: Database) -> None:
    chat = Chat(database)
    chat.says("进度")
    assert asked(chat) == ("", 0, "text")
    chat.says(f"{NAME} {NUMBER}")
    assert asked(chat) == ("", 0, "code")
