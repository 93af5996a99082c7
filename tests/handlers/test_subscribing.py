"""The way to notices in WeChat: shown after handing in and after progress, where there is any."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest

from bot.dialogue.messages import Link, Reply
from bot.ports import Manner
from config.city import City
from models.application_states import CLOSED, State
from models.database import Database
from tests.handlers.chat import Chat, city
from tests.handlers.test_progress import own, put


def with_subscriptions(**ids: str) -> City:
    """The shipped city, its account with these approved wordings."""
    return replace(city(), wechat=replace(city().wechat, subscriptions=ids))


def handed_in(chat: Chat) -> Reply:
    """Apply for the card; what is said at the end."""
    chat.to_read_back()
    chat.says("确认")
    assert isinstance(chat.last, Reply)
    assert "受理号" in chat.last.text
    return chat.last


def asked(chat: Chat) -> Reply:
    chat.says("进度")
    assert isinstance(chat.last, Reply)
    assert "进度1/6" in chat.last.text
    return chat.last


def test_after_handing_in_and_after_progress_there_is_the_way(sqlite_database: Database) -> None:
    chat = Chat(sqlite_database, city=with_subscriptions(progress="T1"))
    for reply in (handed_in(chat), asked(chat)):
        assert reply.links == (Link("/notices?lang=zh", "点这里订阅"),)
        assert reply.text.count("想在微信收通知，点这里订阅。") == 1


def test_in_english_it_leads_to_the_english_page(sqlite_database: Database) -> None:
    chat = Chat(sqlite_database, city=with_subscriptions(progress="T1"))
    handed_in(chat)
    chat.says("English")
    chat.says("progress")
    assert isinstance(chat.last, Reply)
    assert chat.last.links == (Link("/notices?lang=en", "tap here"),)
    assert "To get notices in WeChat, tap here." in chat.last.text


def test_without_a_template_nothing_is_offered(sqlite_database: Database) -> None:
    chat = Chat(sqlite_database, city=with_subscriptions())
    for reply in (handed_in(chat), asked(chat)):
        assert reply.links == ()
        assert "订阅" not in reply.text


@pytest.mark.parametrize("asked_by", ["", "alipay"])
def test_where_wechat_does_not_ask_its_page_is_not_offered(
    sqlite_database: Database, asked_by: Literal["", "alipay"]
) -> None:
    chat = Chat(sqlite_database, city=with_subscriptions(progress="T1"))
    chat.manner = Manner(subscribes=asked_by)
    assert handed_in(chat).links == ()


def test_an_answer_in_passing_stays_short(sqlite_database: Database) -> None:
    """In the middle of something else the open question comes after it."""
    chat = Chat(sqlite_database, city=with_subscriptions(progress="T1"))
    own(chat)
    chat.says("办卡", "同意")
    said = chat.says("进度")
    assert "进度1/6" in said
    assert "订阅" not in said


@pytest.mark.parametrize("state", sorted(CLOSED))
def test_what_has_ended_needs_no_notices(sqlite_database: Database, state: State) -> None:
    chat = Chat(sqlite_database, city=with_subscriptions(progress="T1"))
    put(chat, own(chat), state=state)
    assert "尾号" in chat.says("进度")
    assert isinstance(chat.last, Reply)
    assert chat.last.links == ()
