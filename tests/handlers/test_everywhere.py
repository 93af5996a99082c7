"""What holds everywhere: the menu, what waits, 人工, 窗口, 语言, 继续, following the account."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete

from bot.dialogue.messages import Kind, Reply
from models.application_states import Actor, State
from models.applications import Application, move
from models.database import Database
from models.people import Account
from models.tickets import Ticket
from tests.handlers.chat import PHONE, Chat, city
from tests.models.making import KEYS, make_application, make_person

NIGHT = datetime(2026, 11, 23, 22, 4, tzinfo=city().tz)


@pytest.fixture
def at_night(sqlite_database: Database) -> Chat:
    """A chat when nobody is at the phone."""
    return Chat(sqlite_database, at=NIGHT)


def test_a_stranger_is_greeted_with_five_choices(chat: Chat) -> None:
    assert chat.says("你好").splitlines()[0].startswith("您好，我是云州市社保卡小助手")
    assert isinstance(chat.last, Reply)
    assert [option.key for option in chat.last.options] == ["1", "2", "3", "4", "5"]


def test_a_half_filled_form_is_mentioned_before_the_choices(chat: Chat) -> None:
    chat.says("办卡", "同意", "菜单")
    assert "办到一半的申请" in chat.says("你好")
    assert "第2步" in chat.says("继续")


def returned(chat: Chat) -> Application:
    """An application of this account that staff have sent back."""
    with chat.database.writing() as records:
        application = make_application(records, make_person(records), account=str(chat.account))
        for state in (State.UNDER_REVIEW, State.RETURNED):
            move(records, application, state, Actor.OFFICER, chat.now)
    return application


def test_what_came_back_is_told_before_any_menu(chat: Chat) -> None:
    application = returned(chat)
    told = chat.says("你好")
    assert application.number[-4:] in told
    assert "有要改的地方" in told


def test_going_on_with_nothing_half_filled_shows_what_was_handed_in(chat: Chat) -> None:
    assert "没有办到一半的申请" in chat.says("继续")
    returned(chat)
    assert "进度2/6" in chat.says("继续")


# --- 人工 ------------------------------------------------------------------------------------


def test_in_office_hours_the_phone_is_told_and_the_question_stays(chat: Chat) -> None:
    assert chat.city.human.phone in chat.says("人工")
    chat.says("办卡")
    told = chat.says("9")
    assert chat.city.human.phone in told
    assert "同意" in told


def test_at_night_one_message_is_kept_and_the_question_comes_back(at_night: Chat) -> None:
    at_night.says("办卡")
    assert "请留言" in at_night.says("人工")
    assert "请留言" in at_night.says("人工")
    assert "请留言" in at_night.sends(Kind.IMAGE)
    told = at_night.says("卡丢了，电话13900001234")
    assert told.startswith("记下了")
    assert "同意" in told
    (ticket,) = at_night.rows(Ticket)
    assert ticket.kind == "call_back"
    assert at_night.session.talk == "card"


def test_at_night_nobody_has_to_leave_a_message(at_night: Chat) -> None:
    at_night.says("人工")
    assert "1 办卡" in at_night.says("0")
    at_night.says("办卡", "人工")
    assert "同意" in at_night.says("0")
    assert at_night.rows(Ticket) == []


def test_a_message_without_a_form_is_noted_too(at_night: Chat) -> None:
    at_night.says("人工")
    assert at_night.says("请回电 0999-1234567").startswith("记下了")
    assert at_night.session.talk == ""


def left(chat: Chat) -> dict[str, Any]:
    (ticket,) = chat.rows(Ticket)
    payload: dict[str, Any] = ticket.open_payload(KEYS)
    return payload


def test_who_leaves_no_phone_is_asked_for_it_once_more(at_night: Chat) -> None:
    at_night.says("办卡", "人工")
    assert "哪个号码" in at_night.says("我的卡丢了")
    assert "哪个号码" in at_night.sends(Kind.OTHER)
    assert at_night.rows(Ticket) == []
    told = at_night.says("139 0000 1234")
    assert told.startswith("记下了")
    assert "同意" in told
    assert left(at_night)["text"] == "我的卡丢了\n139 0000 1234"


def test_who_gives_no_phone_at_all_is_told_that_nobody_can_call(at_night: Chat) -> None:
    at_night.says("人工", "我的卡丢了")
    told = at_night.says("0")
    assert "回不了您" in told
    assert at_night.city.human.phone in told
    assert left(at_night) == {"text": "我的卡丢了", "phone": None}


def test_whose_phone_is_known_is_not_asked_for_it(at_night: Chat) -> None:
    at_night.to_address()
    at_night.says("人工")
    assert at_night.says("网点在哪").startswith("记下了")
    assert left(at_night) == {"text": "网点在哪", "phone": PHONE}


# --- 窗口, 语言, 解绑 --------------------------------------------------------------------------


def test_the_counter_is_a_word_away_and_the_question_stays_open(chat: Chat) -> None:
    chat.says("办卡")
    assert chat.city.counters[0].address in chat.says("窗口")
    assert "第2步" in chat.says("同意")


def test_the_language_changes_with_the_open_question(chat: Chat) -> None:
    chat.says("办卡")
    told = chat.says("English")
    assert "agree" in told
    assert "同意" not in told
    assert "同意" in chat.says("中文")
    assert "agree" in chat.says("语言")


def test_the_language_changes_at_the_menu_too(chat: Chat) -> None:
    assert "Apply" in chat.says("english")


def test_what_is_sent_later_speaks_the_language_too(chat: Chat) -> None:
    def spoken() -> list[str]:
        return [account.locale for account in chat.rows(Account)]

    chat.says("English")
    assert spoken() == ["en"]
    chat.says("中文")
    assert spoken() == ["zh_CN"]


def test_a_word_about_the_language_makes_no_record(chat: Chat) -> None:
    with chat.database.writing() as records:
        records.execute(delete(Account))
    assert "Apply" in chat.says("English")
    assert chat.rows(Account) == []


def test_unbinding_says_what_can_still_be_seen(chat: Chat) -> None:
    chat.to_read_back()
    chat.says("确认")
    assert "还能直接查" in chat.says("解绑")
    stranger = Chat(chat.database)
    assert stranger.says("解绑").startswith("解绑了")
    stranger.says("办卡")
    assert "同意" in stranger.says("解绑")


# --- following -------------------------------------------------------------------------------


def followed(chat: Chat) -> bool:
    (account,) = chat.rows(Account, Account.user == chat.account.user)
    return bool(account.followed)


def test_who_follows_is_welcomed_and_who_leaves_is_written_to_no_more(chat: Chat) -> None:
    assert "您好" in chat.sends(Kind.SUBSCRIBE)
    assert chat.sends(Kind.UNSUBSCRIBE) == ""
    assert not followed(chat)
    assert "您好" in chat.sends(Kind.SCAN, key="lobby")
    assert followed(chat)


def test_leaving_and_coming_back_after_two_days_changes_nothing(chat: Chat) -> None:
    chat.says("办卡", "同意")
    chat.now += timedelta(days=2)
    assert "第2步" in chat.says("继续")
