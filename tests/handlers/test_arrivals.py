"""Who follows, scans a code, opens the chat, leaves: what each hears and what is remembered."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.dialogue.messages import Kind, Reply
from bot.ports import Manner
from models.notices import Notice, add_chat
from models.people import Account
from models.subscriptions import add_credits
from tests.handlers.chat import Chat
from tests.models.making import KEYS, new_id


def account(chat: Chat) -> Account:
    (found,) = chat.rows(Account, Account.user == chat.account.user)
    assert isinstance(found, Account)
    return found


@pytest.mark.parametrize("kind", [Kind.SUBSCRIBE, Kind.SCAN])
def test_a_campaigns_code_opens_what_the_city_wrote(chat: Chat, kind: Kind) -> None:
    assert "第1步" in chat.sends(kind, key="apply")
    assert chat.session.talk == "card"


def test_the_code_of_progress_asks_whose(chat: Chat) -> None:
    assert "受理号" in chat.sends(Kind.SCAN, key="progress")
    assert chat.session.talk == "progress"


def test_a_code_may_open_an_answer(chat: Chat) -> None:
    told = chat.sends(Kind.SCAN, key="pickup")
    assert told
    assert told != chat.sends(Kind.SCAN, key="lobby")


@pytest.mark.parametrize("scene", ["", "lobby", "branch-NONE-01", "branch-", "apply "])
def test_another_code_is_the_ordinary_welcome(chat: Chat, scene: str) -> None:
    assert chat.sends(Kind.SUBSCRIBE, key=scene).startswith("您好，我是云州市社保卡小助手")


def test_a_code_scanned_within_a_form_keeps_the_form(chat: Chat) -> None:
    chat.says("办卡", "同意")
    assert "第2步" in chat.sends(Kind.SCAN, key="apply")


# --- a branch's code --------------------------------------------------------------------------


def test_a_branchs_code_tells_of_the_branch(chat: Chat) -> None:
    branch = chat.city.branch("BOC-01")
    told = chat.sends(Kind.SUBSCRIBE, key="branch-BOC-01")
    for fact in (branch.name, branch.address, branch.hours, branch.phone):
        assert fact in told
    assert "1 办卡" in told


def test_a_branchs_code_speaks_the_persons_language(chat: Chat) -> None:
    chat.says("English")
    told = chat.sends(Kind.SCAN, key="branch-BOC-01")
    branch = chat.city.branch("BOC-01")
    assert branch.name_en in told
    assert branch.hours_en in told
    assert branch.address_en in told


def first_offered(chat: Chat) -> str:
    assert isinstance(chat.last, Reply)
    return chat.last.options[0].label


def test_the_branch_whose_code_was_scanned_is_offered_first(chat: Chat) -> None:
    chat.to_address()
    chat.sends(Kind.SCAN, key="branch-RCB-02")
    chat.place()
    chat.says("3")
    branch = chat.city.branch("RCB-02")
    assert isinstance(chat.last, Reply)
    assert first_offered(chat).startswith(branch.name)
    assert "公里" in first_offered(chat)
    assert len(chat.last.options) == 5, "three branches, another, by post"
    chat.says("1")
    assert chat.draft.answers["branch"] == "RCB-02"


def test_it_is_offered_first_at_its_own_bank_only(chat: Chat) -> None:
    chat.sends(Kind.SCAN, key="branch-RCB-02")
    chat.to_address()
    chat.place()
    chat.says("3", "建设银行")
    assert "建设银行" in first_offered(chat)


def test_a_branchs_code_within_a_form_asks_the_open_question_again(chat: Chat) -> None:
    chat.says("办卡")
    told = chat.sends(Kind.SCAN, key="branch-BOC-01")
    assert "中国银行城西支行" in told
    assert "同意" in told
    assert "第2步" in chat.says("同意")


# --- the chat of a mini program ---------------------------------------------------------------


def test_who_opens_the_chat_is_greeted(chat: Chat) -> None:
    assert chat.sends(Kind.ENTER, key="pages/index").startswith("您好")


def test_who_opens_the_chat_again_goes_on_where_they_were(chat: Chat) -> None:
    chat.says("办卡", "同意")
    chat.now += timedelta(hours=1)
    assert "身份证" in chat.sends(Kind.ENTER)
    assert chat.session.talk == "card"


def test_who_opens_the_chat_twice_in_a_minute_is_greeted_once(chat: Chat) -> None:
    assert chat.sends(Kind.ENTER)
    assert chat.sends(Kind.ENTER) == ""
    chat.now += timedelta(minutes=1)
    assert chat.sends(Kind.ENTER)


def test_the_page_of_a_contact_button_may_be_a_scene(chat: Chat) -> None:
    assert "第1步" in chat.sends(Kind.ENTER, key="apply")


def in_alipay(chat: Chat) -> Chat:
    chat.manner = Manner(greets_every=timedelta(days=1))
    return chat


def test_where_each_opening_is_told_the_greeting_comes_once_a_day(chat: Chat) -> None:
    in_alipay(chat)
    assert chat.sends(Kind.SUBSCRIBE)
    assert chat.sends(Kind.ENTER) == "", "Alipay tells of the opening after the following"
    for _ in range(3):
        chat.now += timedelta(hours=7)
        assert chat.sends(Kind.ENTER) == ""
    chat.now += timedelta(hours=4)
    assert chat.sends(Kind.ENTER)


def test_a_code_is_answered_whenever_it_is_scanned(chat: Chat) -> None:
    in_alipay(chat)
    assert chat.sends(Kind.ENTER)
    chat.now += timedelta(hours=1)
    assert "受理号" in chat.sends(Kind.ENTER, key="progress")


@pytest.mark.parametrize("first", [Kind.SUBSCRIBE, Kind.ENTER])
def test_a_code_scanned_a_moment_after_coming_is_answered_and_once(chat: Chat, first: Kind) -> None:
    """Who follows by themselves and then scans; a phone that thought it followed already."""
    in_alipay(chat)
    assert chat.sends(first).startswith("您好")
    assert "受理号" in chat.sends(Kind.ENTER, key="progress")
    assert chat.sends(Kind.ENTER, key="progress") == ""
    assert chat.sends(Kind.ENTER, key="of no meaning") == ""


def test_the_code_of_a_follow_is_not_answered_again_by_the_opening_after_it(chat: Chat) -> None:
    in_alipay(chat)
    assert "受理号" in chat.sends(Kind.SUBSCRIBE, key="progress")
    assert chat.sends(Kind.ENTER, key="progress") == ""
    assert chat.sends(Kind.ENTER) == ""


# --- leaving ----------------------------------------------------------------------------------


def test_who_leaves_is_written_to_no_more_and_the_clock_starts(chat: Chat) -> None:
    with chat.database.writing() as records:
        add_credits(records, str(chat.account), {"t1": 2}, chat.now)
        add_chat(
            records, KEYS, account=str(chat.account), payload={"text": "催办"}, now=chat.now,
            notice_id=new_id(),
        )  # fmt: skip
    left_at = chat.now
    assert chat.sends(Kind.UNSUBSCRIBE) == ""
    assert chat.last is None
    found = account(chat)
    assert (found.followed, found.subscription_credits) == (False, {})
    assert found.left_at == left_at
    (notice,) = chat.rows(Notice, Notice.account_key == str(chat.account))
    assert (notice.state, notice.reason) == ("parked", "left")


def test_who_leaves_twice_left_the_first_time(chat: Chat) -> None:
    left_at = chat.now
    chat.sends(Kind.UNSUBSCRIBE)
    chat.now += timedelta(days=1)
    chat.sends(Kind.UNSUBSCRIBE)
    assert account(chat).left_at == left_at


@pytest.mark.parametrize("kind", [Kind.SUBSCRIBE, Kind.SCAN])
def test_who_comes_back_is_written_to_again(chat: Chat, kind: Kind) -> None:
    chat.says("办卡", "同意")
    chat.sends(Kind.UNSUBSCRIBE)
    assert "办到一半" in chat.sends(kind, key="lobby")
    found = account(chat)
    assert (found.followed, found.left_at) == (True, None)


def test_a_stranger_who_follows_leaves_no_record(chat: Chat) -> None:
    stranger = Chat(chat.database)
    with chat.database.writing() as records:
        records.delete(records.merge(account(stranger)))
    stranger.sends(Kind.SUBSCRIBE, key="apply")
    assert stranger.rows(Account, Account.user == stranger.account.user) == []
