"""领卡码, 代领, 激活, 改网点, 换银行, 收到, 改地址: for whom, in which state, with what end."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from bot.dialogue.messages import AccountKey
from models.application_states import State
from models.applications import Application, events_of, open_answers
from models.card_moves import CardMove, open_move
from models.collection import send_move
from models.consents import Consent
from models.lifecycle import BANK_NOT_ACTIVATED
from models.notices import Notice
from models.passes import Agent, Pass, agent_pass, live_passes
from models.people import bind
from tests.handlers.chat import CODE, NAME, NUMBER, PHONE, Chat
from tests.models.making import KEYS, OTHER_NUMBER, make_application, make_person

ANSWERS = {
    "name": NAME, "phone": PHONE, "id_number": NUMBER, "district": "119901", "branch": "ABC-01",
    "bank": "ABC", "delivery": "pickup", "lives_at": "城东区和平路18号",
}  # fmt: skip
CHILD = OTHER_NUMBER  # born in 2018
AGENT = "119999199208190022"


def own(chat: Chat, state: State = State.READY_FOR_PICKUP, **more: object) -> Application:
    """A card of this chat's own, in a state."""
    usual: dict[str, object] = {"account": str(chat.account), "answers": ANSWERS}
    place = {"branch": "ABC-01", "bank": "ABC", "delivery": "pickup", "district": "119901"}
    with chat.database.writing() as records:
        given: dict[str, Any] = {**usual, **place, **more}
        made = make_application(records, make_person(records), **given)
        made.state, made.bank_status = state.value, BANK_NOT_ACTIVATED
        return made


def now(chat: Chat, application: Application) -> Application:
    row: Application = chat.rows(Application, Application.id == application.id)[0]
    return row


def passes(chat: Chat, application: Application) -> list[Pass]:
    with chat.database.reading() as records:
        found = live_passes(records, application.id, chat.now)
        records.expunge_all()
    return found


def digits_in(text: str) -> str:
    found = re.search(r"[码e]：?:? ?(\d{3}) (\d{3})", text)
    assert found, text
    return found[1] + found[2]


# --- 领卡 ---------------------------------------------------------------------------------------


def test_a_ready_card_is_told_with_place_and_papers_and_its_code_is_one_digit_away(
    chat: Chat,
) -> None:
    application = own(chat)
    told = chat.says("领卡")
    branch = chat.city.branch("ABC-01")
    assert branch.address in told and branch.hours in told and "身份证原件" in told
    assert NAME not in told
    assert digits_in(chat.says("1")) == CODE
    assert [row.collector for row in passes(chat, application)] == ["self"]
    assert chat.session.talk == ""


def test_in_english_too(chat: Chat) -> None:
    own(chat)
    chat.session.locale = "en"
    assert chat.city.branch("ABC-01").address_en in chat.says("collect")
    assert digits_in(chat.says("collection code")) == CODE


@pytest.mark.parametrize("said", ["领卡要带什么", "去哪里领卡", "卡到了去哪拿", "ling ka"])
def test_free_words_about_collecting_lead_to_ones_own_card(chat: Chat, said: str) -> None:
    own(chat)
    assert chat.city.branch("ABC-01").address in chat.says(said)


def test_who_has_no_card_gets_the_general_answer(chat: Chat) -> None:
    assert "卡到网点后" in chat.says("领卡")
    assert "银行功能" in chat.says("激活")
    assert chat.session.talk == ""


def test_of_several_cards_it_is_asked_which(chat: Chat) -> None:
    first = own(chat)
    with chat.database.writing() as records:
        child = make_person(records, name="陈小明", id_number=OTHER_NUMBER)
        other = make_application(
            records, child, account=str(chat.account), answers={**ANSWERS, "name": "陈小明"},
            branch="ABC-01", bank="ABC", delivery="pickup",
        )  # fmt: skip
        other.state = State.READY_FOR_PICKUP
    assert "哪一张" in chat.says("领卡码")
    assert digits_in(chat.says(first.number[-4:])) == CODE
    assert passes(chat, first) and not passes(chat, other)


def test_a_child_is_collected_for_by_the_guardian_alone(chat: Chat) -> None:
    application = own(chat, answers={**ANSWERS, "id_number": CHILD})
    assert "户口本" in chat.says("领卡码")
    assert passes(chat, application)[0].collector == "guardian"
    assert "监护人" in chat.says("代领")


def test_a_code_before_the_card_is_there_says_how_far_it_is(chat: Chat) -> None:
    application = own(chat, State.IN_PRODUCTION)
    assert "4/6" in chat.says("领卡码")
    assert passes(chat, application) == []


def test_who_is_not_known_here_proves_it_first_and_gets_one_code(chat: Chat) -> None:
    application = own(chat, account="wechat:wx1:oSomebody")
    assert "受理号" in chat.says("领卡码")
    assert "若与申请一致" in chat.says(application.number)
    assert "验证码不对" in chat.says("000000")
    assert passes(chat, application) == []
    assert digits_in(chat.says(CODE)) == CODE
    assert len(passes(chat, application)) == 1


def test_the_silence_about_others_cards_is_the_same_as_for_progress(chat: Chat) -> None:
    chat.says("领卡码")
    assert "若与申请一致" in chat.says("YZ26112399999")
    assert "验证码不对" in chat.says(CODE)


def test_a_question_in_between_is_answered_and_the_form_goes_on(chat: Chat) -> None:
    own(chat)
    with chat.database.writing() as records:  # the form is another's: nobody is bound here
        records.get_one(Application, chat.rows(Application)[0].id).holder_proven = False
    chat.to_phone()
    answer = chat.says("去哪里领卡")
    assert chat.city.branch("ABC-01").address in answer
    assert "手机" in answer and chat.session.talk == "card"


# --- 代领 ---------------------------------------------------------------------------------------


def test_another_person_gets_a_code_of_their_own_that_can_be_taken_back(chat: Chat) -> None:
    application = own(chat)
    chat.says("代领")
    told = chat.says(f"赵小云 {AGENT}")
    assert digits_in(told) == CODE and AGENT[-4:] in told and AGENT not in told
    with chat.database.reading() as records:
        found = agent_pass(records, application.id, chat.now)
        assert found and found.named(KEYS) == Agent("赵小云", AGENT)
    assert "已经让赵*云" in chat.says("代领")
    assert "撤销了" in chat.says("1")
    assert passes(chat, application) == []
    assert "没有让别人代领" in chat.says("撤销代领")


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ("赵小云", "没看出代领人的姓名和身份证号"),
        ("赵小云 119999199208190023", "末位校验"),
        (f"陈小明 {CHILD}", "满18岁"),
        (f"陈国强 {NUMBER}", "持卡人自己"),
        ("？", "没看出代领人的姓名和身份证号"),
    ],
)
def test_who_cannot_be_an_agent_is_refused_in_words(chat: Chat, said: str, problem: str) -> None:
    application = own(chat)
    chat.says("代领")
    assert problem in chat.says(said)
    assert passes(chat, application) == []


def test_the_holder_hears_of_an_agent_named_from_elsewhere(chat: Chat) -> None:
    application = own(chat, account="wechat:wx1:oSomebody")
    with chat.database.writing() as records:
        bind(records, str(chat.account), application.holder_id, chat.now)
    chat.says("代领", f"赵小云 {AGENT}")
    told = chat.rows(Notice, Notice.account_key == "wechat:wx1:oSomebody")
    assert [notice.open_payload(KEYS)["name"] for notice in told] == ["agent_named"]


# --- 激活 ---------------------------------------------------------------------------------------


def test_the_social_security_side_is_switched_on_in_the_chat_and_the_bank_stays_apart(
    chat: Chat,
) -> None:
    application = own(chat, State.COLLECTED)
    told = chat.says("激活")
    assert "农业银行" in told and "柜台" in told
    assert "卡在您手里吗" in chat.says("1")
    assert now(chat, application).state == State.COLLECTED
    done = chat.says("1")
    assert "社保功能已启用" in done and "电子社保卡" in done
    row = now(chat, application)
    assert (row.state, row.card_status, row.bank_status) == ("ACTIVATED", "1", BANK_NOT_ACTIVATED)
    assert chat.notices() == []  # the chat has said it
    assert "已经启用" in chat.says("激活")
    for text in (told, done):
        assert not re.search(r"初始密码|默认密码|123456", text)


def test_not_yet_changes_nothing(chat: Chat) -> None:
    application = own(chat, State.COLLECTED)
    chat.says("激活", "1")
    assert "激活" in chat.says("2")
    assert now(chat, application).state == State.COLLECTED


def test_who_is_not_proven_to_be_the_holder_is_sent_to_the_branch(chat: Chat) -> None:
    application = own(chat, State.COLLECTED, holder_proven=False)
    assert "网点" in chat.says("激活")
    assert chat.session.talk == ""
    assert now(chat, application).state == State.COLLECTED


# --- 改网点, 换银行 -----------------------------------------------------------------------------


@pytest.mark.parametrize("state", [State.SUBMITTED, State.APPROVED])
def test_until_it_is_handed_over_any_branch_may_be_chosen_with_consent(
    chat: Chat, state: State
) -> None:
    application = own(chat, state)
    asked = chat.says("改网点")
    assert "单独同意" in asked
    assert "建设银行城东支行" in chat.says("建设银行城东支行")
    row = now(chat, application)
    assert (row.state, row.bank, row.branch) == (state, "CCB", "CCB-01")
    answers = open_answers(row, KEYS)
    assert (answers["bank"], answers["branch"]) == ("CCB", "CCB-01")
    given = chat.rows(Consent, Consent.application_id == application.id)
    assert [(c.kind, c.detail, c.withdrawn_at) for c in given] == [
        ("handing_over", {"bank": "CCB"}, None)
    ]


def test_after_it_is_handed_over_it_stays_and_says_why(chat: Chat) -> None:
    application = own(chat, State.BANK_OPENING)
    assert "现在不能改网点" in chat.says("改网点")
    assert now(chat, application).branch == "ABC-01"


def test_another_bank_opens_the_account_that_the_first_could_not(chat: Chat) -> None:
    application = own(chat, State.BANK_FAILED)
    chat.says("换银行")
    assert "重新开户" in chat.says("建设银行城东支行")
    row = now(chat, application)
    assert (row.state, row.bank) == ("BANK_OPENING", "CCB")
    with chat.database.reading() as records:
        last = events_of(records, application.id)[-1]
    assert (last.actor, last.reason, last.to_state) == ("citizen", "bank_changed", "BANK_OPENING")


def test_a_ready_card_goes_to_another_branch_of_its_bank_and_no_code_holds(chat: Chat) -> None:
    application = own(chat)
    chat.says("领卡码")
    asked = chat.says("改网点")
    assert "农业银行" in asked and "建设银行" not in asked and "邮寄" not in asked
    assert "只能转到农业银行" in chat.says("建设银行城东支行")
    assert "记下了" in chat.says("1")
    row = now(chat, application)
    assert (row.state, row.branch) == ("READY_FOR_PICKUP", "ABC-01")
    assert passes(chat, application) == []
    assert "还没有寄出" in chat.says("领卡码")
    assert "原来的网点" in chat.says("1")
    assert digits_in(chat.says("领卡码")) == CODE


def test_a_card_that_has_left_is_waited_for(chat: Chat) -> None:
    application = own(chat)
    chat.says("改网点", "1")
    with chat.database.writing() as records:
        card = records.get_one(Application, application.id)
        move = open_move(records, card.id)
        assert move and send_move(records, card, move, chat.now, by="staff:x")
    assert "正在转往" in chat.says("领卡码")
    assert "正在转往" in chat.says("改网点")
    assert len(chat.rows(CardMove)) == 1


@pytest.mark.parametrize(
    ("state", "said", "words"),
    [
        (State.READY_FOR_PICKUP, "换个离家近的网点领", "网点"),
        (State.READY_FOR_PICKUP, "i want to change the branch", "农业银行"),
        (State.BANK_FAILED, "我想换家银行", "领卡网点"),
        (State.BANK_FAILED, "银行开户失败怎么办", "领卡网点"),
        (State.READY_FOR_PICKUP, "领卡码怎么弄", "卡到了"),
        (State.READY_FOR_PICKUP, "让我儿子去领卡行吗", "让别人代领"),
        (State.COLLECTED, "在网上能激活吗", "现在启用社保功能"),
        (State.MAILED, "我收到社保卡了", "记下您收到卡了"),
    ],
)
def test_what_is_wanted_is_understood_in_sentences(
    chat: Chat, state: State, said: str, words: str
) -> None:
    by_post = {"delivery": "post", "branch": ""} if state is State.MAILED else {}
    own(chat, state, answers={**ANSWERS, **by_post}, **by_post)
    assert words in chat.says(said)


# --- by post ------------------------------------------------------------------------------------


def posted(chat: Chat, state: State) -> Application:
    answers = {**ANSWERS, "delivery": "post", "branch": ""}
    return own(chat, state, answers=answers, delivery="post", branch="")


def test_a_card_that_came_by_post_is_confirmed_and_then_switched_on(chat: Chat) -> None:
    application = posted(chat, State.MAILED)
    told = chat.says("收到")
    assert "记下您收到卡了" in told and "银行功能" in told
    assert now(chat, application).state == State.COLLECTED
    assert chat.notices() == []
    assert "卡在您手里吗" in chat.says("1")


def test_received_means_nothing_to_who_waits_for_no_parcel(chat: Chat) -> None:
    assert "没有寄给您的卡" in chat.says("收到")
    assert chat.session.talk == ""


def test_what_came_back_goes_to_another_address(chat: Chat) -> None:
    application = posted(chat, State.MAIL_RETURNED)
    chat.says("改地址")
    assert "重新寄到" in chat.says("北山区青年路6号")
    row = now(chat, application)
    assert row.state == State.MAIL_RETURNED
    answers = open_answers(row, KEYS)
    assert answers["lives_at"] == "北山区青年路6号"
    assert row.district == answers["district"] != application.district


def test_what_came_back_is_collected_at_a_branch_instead(chat: Chat) -> None:
    application = posted(chat, State.MAIL_RETURNED)
    chat.says("领卡", "2")
    assert "不再邮寄" in chat.says("1")
    row = now(chat, application)
    assert row.delivery == "pickup" and row.branch.startswith("ABC-")


# --- in other places ----------------------------------------------------------------------------


def test_after_a_while_a_proof_is_over(chat: Chat) -> None:
    application = own(chat, account="wechat:wx1:oSomebody")
    chat.says("代领", application.number, CODE)
    chat.now += timedelta(hours=1)
    assert "放得久了" in chat.says(f"赵小云 {AGENT}")
    assert passes(chat, application) == []


@pytest.mark.parametrize("channel", ["alipay", "web", "mini_wechat"])
def test_it_is_the_same_in_every_channel(chat: Chat, channel: str) -> None:
    chat.account = AccountKey(channel, "app", "someone1")
    application = own(chat)
    assert digits_in(chat.says("领卡码")) == CODE
    assert NAME not in chat.says("领卡")
    assert passes(chat, application)
