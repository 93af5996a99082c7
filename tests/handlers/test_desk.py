"""A person at the platform's desk has the chat, and 人工 where the city has such a desk."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.dialogue.clicks import click_key
from bot.dialogue.messages import Kind, Media, Reply
from models.database import Database
from tests.handlers.chat import Chat, city


def begin(chat: Chat, key: str = "begin") -> None:
    assert chat.sends(Kind.DESK, key=key) == ""
    assert chat.last is None


@pytest.mark.parametrize("opens", ["begin", "switch"])
def test_the_bot_is_silent_while_a_person_speaks(chat: Chat, opens: str) -> None:
    chat.says("办卡")
    begin(chat, opens)
    for kind, more in (
        (Kind.TEXT, {"text": "同意"}),
        (Kind.TEXT, {"text": "9"}),
        (Kind.TEXT, {"text": "办卡", "key": "0123456789-1"}),
        (Kind.VOICE, {"text": "同意"}),
        (Kind.IMAGE, {"media": Media("m")}),
        (Kind.CLICK, {"key": "progress"}),
        (Kind.OTHER, {}),
        (Kind.SCAN, {"key": "apply"}),
        (Kind.ENTER, {}),
    ):
        chat.sends(kind, **more)
        assert chat.last is None, kind
    assert chat.draft.step == "notice", "nothing was taken for an answer"


def test_after_the_desk_closed_the_conversation_goes_on_where_it_was(chat: Chat) -> None:
    chat.says("办卡")
    begin(chat)
    begin(chat, "end")
    assert "第2步" in chat.says("同意")


def test_an_option_shown_before_the_desk_can_be_clicked_after_it(chat: Chat) -> None:
    chat.to_address()
    chat.place()
    assert isinstance(chat.last, Reply)
    key = click_key(chat.last.mark, "3")
    begin(chat)
    begin(chat, "end")
    chat.sends(text="没有工作", key=key)
    assert chat.draft.answers["status"] == "unemployed"


def test_passing_the_chat_on_keeps_the_bot_silent(chat: Chat) -> None:
    begin(chat)
    chat.now += timedelta(minutes=city().human.desk_minutes - 1)
    begin(chat, "switch")
    chat.now += timedelta(minutes=2)
    chat.says("你好")
    assert chat.last is None


def test_an_end_that_was_lost_does_not_silence_the_bot_for_ever(chat: Chat) -> None:
    begin(chat)
    chat.now += timedelta(minutes=city().human.desk_minutes, seconds=-2)
    chat.says("你好")
    assert chat.last is None
    chat.now += timedelta(seconds=2)
    assert "您好" in chat.says("你好")


def test_an_end_without_a_beginning_is_no_error(chat: Chat) -> None:
    begin(chat, "end")
    assert "您好" in chat.says("你好")


# --- 人工 -------------------------------------------------------------------------------------


def with_desk(database: Database, at: datetime | None = None) -> Chat:
    human = replace(city().human, desk=True)
    return Chat(database, city=replace(city(), human=human), at=at)


def test_in_office_hours_the_chat_goes_to_the_desk_where_the_city_has_one(
    sqlite_database: Database,
) -> None:
    chat = with_desk(sqlite_database)
    assert chat.city.human.phone in chat.says("人工"), "where no desk can be reached"
    assert isinstance(chat.last, Reply)
    assert chat.last.desk
    chat.says("办卡", "9")
    assert isinstance(chat.last, Reply)
    assert chat.last.desk
    assert "同意" in chat.last.text, "the question stays open"


def test_out_of_hours_nobody_is_handed_over(sqlite_database: Database) -> None:
    night = datetime(2026, 11, 23, 22, 4, tzinfo=city().tz)
    chat = with_desk(sqlite_database, at=night)
    assert "请留言" in chat.says("人工")
    assert isinstance(chat.last, Reply)
    assert not chat.last.desk


def test_as_shipped_the_phone_is_told_and_the_chat_stays(chat: Chat) -> None:
    chat.says("人工")
    assert isinstance(chat.last, Reply)
    assert not chat.last.desk
