"""退订 and 订阅通知, answers to campaigns, and the account on which staff try one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.dialogue import outside
from bot.dialogue.messages import Kind, Outcome, Reply
from bot.dialogue.outside import Question, mark_of
from bot.ports import Manner
from handlers.push.acts import Answered
from handlers.push.answers import PushAnswers
from models.audit import audit_of
from models.people import Account
from models.push.answers import PushAnswer
from models.push.messages import Message, Option
from models.staff import Staff
from tests.handlers.chat import Chat
from tests.models.making import KEYS
from tests.models.push.person import ASKS, LISTENS, OPTIONS, counted, got, make_campaign
from tests.models.push.test_testers import somebody

WEEK = timedelta(days=7)


def account(chat: Chat) -> Account:
    (found,) = chat.rows(Account, Account.key == str(chat.account))
    row: Account = found
    return row


def sent(chat: Chat, message: Message = ASKS, *, road: str = "wechat:chat", **other: Any) -> int:
    """A campaign that this person got just now, and that a turn has noted."""
    with chat.database.writing() as records:
        campaign = make_campaign(records, message, **other).id
        got(
            records, records.get_one(type_of(), campaign), str(chat.account), at=chat.now, road=road
        )
    question = Question(campaign, chat.now + WEEK, numbered=road.endswith(":chat"))
    outside.remember(chat.session, [question])
    return campaign


def type_of() -> Any:
    from models.push.campaigns import Campaign

    return Campaign


def answers(chat: Chat) -> list[tuple[int, str, str]]:
    rows = chat.rows(PushAnswer)
    return [(row.campaign_id, row.option, row.open_text(KEYS)) for row in rows]


# --- no and yes ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        "退订", "TD", "t", "Ｔ", "不要再发了", "取消推送", "拒收。", "unsubscribe", "STOP",
        "别老给我发通知了", "怎么退订", "please stop sending me messages",
    ],
)  # fmt: skip
def test_a_no_in_words_is_kept_and_says_what_still_comes(chat: Chat, said: str) -> None:
    chat.says("你好")
    told = chat.says(said)
    assert "以后不再给您群发消息" in told
    assert "您自己申请的进展" in told
    assert "“订阅通知”" in told
    assert account(chat).stopped_at is not None
    assert "已经退订了" in chat.says(said)


def test_a_no_in_an_open_form_loses_nothing_of_it(chat: Chat) -> None:
    chat.says("办卡", "同意", "手输")
    told = chat.says("退订")
    assert told.startswith("好，以后不再给您群发消息")
    assert "姓名" in told
    assert "第2步" in chat.says("继续")
    assert chat.draft.step


def test_stop_in_an_open_form_asks_whether_to_give_it_up(chat: Chat) -> None:
    chat.says("办卡", "同意")
    assert "确定不办了吗" in chat.says("stop")
    assert account(chat).stopped_at is None


@pytest.mark.parametrize("said", ["取消", "取消申请", "quit", "不办了"])
def test_what_gives_up_an_application_stops_no_messages(chat: Chat, said: str) -> None:
    chat.says(said)
    assert account(chat).stopped_at is None
    chat.says("办卡", "同意")
    assert "确定不办了吗" in chat.says(said)
    assert account(chat).stopped_at is None


@pytest.mark.parametrize(
    "said", ["订阅通知", "开启通知", "要收公告", "subscribe announcements", "怎么订阅通知"]
)
def test_a_yes_is_kept_and_says_how_to_take_it_back(chat: Chat, said: str) -> None:
    chat.says("退订")
    told = chat.says(said)
    assert "以后有公告也发给您，一天最多2条" in told
    assert "“退订”" in told
    assert account(chat).announcements_since is not None
    assert account(chat).stopped_at is None


def test_both_are_answered_in_english(chat: Chat) -> None:
    chat.says("english")
    assert "no more messages" in chat.says("unsubscribe")
    assert "News of your own application still reaches you" in chat.says("unsubscribe")
    assert 'reply "unsubscribe"' in chat.says("subscribe")
    assert account(chat).locale == "en", "announcements come in it"


def test_a_no_after_a_campaign_is_listed_as_its_answer(chat: Chat) -> None:
    campaign = sent(chat)
    chat.says("办卡", "退订")
    assert answers(chat) == [(campaign, "stop", "退订")]
    assert counted(chat.database, campaign)["answer", "", "stop"] == 1


@pytest.mark.parametrize("channel", ["alipay", "wechat_mini", "mini_wechat", "mini_alipay", "web"])
def test_the_same_words_hold_in_every_channel(chat: Chat, channel: str) -> None:
    chat.account = replace(chat.account, channel=channel)
    chat.manner = Manner()
    assert chat.says("退订").startswith("好，以后不再给您群发消息")
    assert account(chat).stopped_at is not None
    assert chat.says("要收公告").startswith("好，以后有公告也发给您")
    assert account(chat).announcements_since is not None


# --- answers ------------------------------------------------------------------------------------


def test_a_tap_is_an_answer_whatever_the_session_remembers(chat: Chat) -> None:
    campaign = sent(chat)
    outside.remember(chat.session, [])
    chat.session.notes.clear()
    told = chat.sends(text="去人民路支行", key=f"{mark_of(campaign)}-1")
    assert told.startswith("收到，您选的是“去人民路支行”，记下了。")
    assert answers(chat) == [(campaign, "1", "")]
    assert counted(chat.database, campaign)["answer", "", "1"] == 1


def test_a_tap_in_an_open_form_is_confirmed_and_the_question_asked_again(chat: Chat) -> None:
    chat.says("办卡", "同意", "手输")
    campaign = sent(chat)
    told = chat.sends(text="再想想", key=f"{mark_of(campaign)}-2")
    assert told.startswith("收到，您选的是“再想想”")
    assert "姓名" in told
    assert answers(chat) == [(campaign, "2", "")]


@pytest.mark.parametrize("option", ["0", "3", "99"])
def test_a_tap_on_what_was_not_offered_is_no_answer(chat: Chat, option: str) -> None:
    campaign = sent(chat)
    chat.sends(text="去人民路支行", key=f"{mark_of(campaign)}-{option}")
    assert [(number, key) for number, key, _ in answers(chat)] == [(campaign, "1")], "by its words"


def test_a_tap_on_what_somebody_else_got_is_no_answer(chat: Chat) -> None:
    campaign = sent(Chat(chat.database))
    chat.sends(text="去人民路支行", key=f"{mark_of(campaign)}-1")
    assert answers(chat) == []


def test_a_number_is_an_answer_until_something_else_shows_numbers(chat: Chat) -> None:
    chat.says("你好")  # the menu, with five
    campaign = sent(chat)
    assert "再想想" in chat.says("2")
    assert answers(chat) == [(campaign, "2", "")]
    outside.not_fresh(chat.session)
    chat.says("你好")
    assert "办卡" in chat.says("1")
    assert len(answers(chat)) == 1


def test_a_number_in_a_form_is_the_forms(chat: Chat) -> None:
    chat.to_portrait()
    sent(chat)
    chat.says("1")
    assert answers(chat) == []


def test_a_number_is_no_answer_to_what_was_shown_without(chat: Chat) -> None:
    """The platform's approved wordings show no options."""
    sent(chat, road="wechat:template")
    chat.says("1")
    assert answers(chat) == []
    assert "收到，您选的是“去人民路支行”" in chat.says("菜单", "去人民路支行。")


def test_the_words_of_an_option_are_an_answer_in_either_language(chat: Chat) -> None:
    campaign = sent(chat)
    assert "“去人民路支行”" in chat.says("renmin road branch")
    chat.says("english")
    assert '"Not sure yet"' in chat.says("再想想")
    assert counted(chat.database, campaign) == {
        ("sent", "wechat:chat", ""): 1, ("answer", "", "2"): 1,
    }  # fmt: skip


def test_words_that_mean_something_else_are_no_answer(chat: Chat) -> None:
    sent(chat, LISTENS)
    chat.says("办卡要钱吗")
    assert "进度" in chat.says("进度")
    chat.says("0", "人工")
    assert answers(chat) == []


def test_words_that_nothing_understands_are_passed_on_three_times(chat: Chat) -> None:
    campaign = sent(chat, LISTENS)
    for said in ("挺满意的", "就是空调冷", "玻璃门太重"):
        assert chat.says(said).startswith("收到，您的话转给工作人员了")
    assert "没太明白" in chat.says("门口的石狮子")
    assert [text for _, _, text in answers(chat)][:2] == ["挺满意的", "就是空调冷"]
    assert counted(chat.database, campaign)["answer", "", ""] == 1


def test_without_a_campaign_that_listens_nothing_is_passed_on(chat: Chat) -> None:
    sent(chat, ASKS)
    assert "没太明白" in chat.says("门口的石狮子")
    assert answers(chat) == []


def test_a_word_in_an_open_form_that_the_form_does_not_know_may_be_an_options(chat: Chat) -> None:
    chat.to_portrait()
    campaign = sent(chat)
    told = chat.says("去人民路支行")
    assert answers(chat) == [(campaign, "1", "")]
    assert told.startswith("收到，您选的是“去人民路支行”")
    assert chat.session.talk == "card"


def test_a_word_that_a_form_finds_fault_with_may_be_an_options(chat: Chat) -> None:
    chat.to_phone()
    campaign = sent(chat)
    told = chat.says("我再想想", "再想想")
    assert answers(chat) == [(campaign, "2", "")]
    assert told.startswith("收到，您选的是“再想想”")
    assert "手机号" in told


def test_after_the_days_nothing_is_an_answer_any_more(chat: Chat) -> None:
    campaign = sent(chat)
    chat.now += WEEK + timedelta(minutes=1)
    chat.says("去人民路支行", "1")
    chat.says("0", "菜单")
    chat.sends(text="去人民路支行", key=f"{mark_of(campaign)}-1")
    assert answers(chat) == []


def test_after_the_days_words_of_ones_own_are_no_answer_any_more(chat: Chat) -> None:
    sent(chat, LISTENS)
    chat.now += WEEK - timedelta(minutes=1)
    chat.says("那天我在外地")
    chat.now += timedelta(minutes=2)
    chat.says("那天我也在外地")
    assert [text for _, _, text in answers(chat)] == ["那天我在外地"]


def test_an_act_says_what_it_did_and_an_unknown_one_is_listed(chat: Chat) -> None:
    done: list[Answered] = []

    def moved(turn: Any, answered: Answered, open_: Any) -> Outcome:
        done.append(answered)
        return Reply("卡改到人民路支行了。")

    acts = Message(
        chat=ASKS.chat,
        options=(Option(OPTIONS[0].label, "successor"), Option(OPTIONS[1].label, "branches")),
    )
    campaign = sent(chat, acts)
    object.__setattr__(chat.router, "outside", PushAnswers({"successor": moved}))
    assert chat.says("去人民路支行") == "卡改到人民路支行了。"
    assert done[0].heard.campaign_id == campaign
    assert chat.says("再想想").startswith("收到，您选的是“再想想”")
    assert [option for _, option, _ in answers(chat)] == ["1", "2"]


# --- staff --------------------------------------------------------------------------------------


def test_the_account_on_which_staff_try_is_linked_by_their_code(chat: Chat) -> None:
    staff = somebody(chat.database, "123456", chat.now)
    chat.says("办卡")
    told = chat.says("绑定工作号 123456")
    assert told.startswith("绑定好了")
    assert "同意" in told
    (row,) = chat.rows(Staff, Staff.id == staff)
    assert row.account_key == str(chat.account)
    with chat.database.reading() as records:
        assert [e.act for e in audit_of(records, f"staff:{staff}")] == ["push.link_account"]


@pytest.mark.parametrize("said", ["绑定工作号：654321", "绑定工号654321", "link staff 000000"])
def test_a_wrong_code_links_nothing_and_five_are_enough(chat: Chat, said: str) -> None:
    somebody(chat.database, "123456", chat.now)
    for _ in range(5):
        assert chat.says(said).startswith("没有绑定上")
    assert chat.says("绑定工作号123456").startswith("没有绑定上")
    assert chat.sends(Kind.TEXT, text="绑定工作号") != ""
