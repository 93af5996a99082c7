"""进度: who may see it, what is told in each state, and what never shows."""

from __future__ import annotations

import time
from datetime import date, timedelta

import pytest
from sqlalchemy import update

from models.application_states import CLOSED, State, resident_word
from models.applications import Application
from models.people import Account
from tests.handlers.chat import CODE, NAME, NUMBER, PHONE, Chat
from tests.models.making import KEYS, make_application, make_person

ANSWERS = {"name": NAME, "phone": "13900001234"}


def handed_in(chat: Chat, **more: object) -> Application:
    """An application of somebody, in the records."""
    usual = {"account": "wechat:wx1:oSomebody", "answers": ANSWERS, "delivery": "pickup"}
    branch = {"branch": chat.city.branches[0].code, "bank": chat.city.branches[0].bank}
    with chat.database.writing() as records:
        return make_application(records, make_person(records), **{**usual, **branch, **more})


def sent(chat: Chat) -> list[str]:
    """The phones that an SMS goes to, for this chat."""
    held = [n for n in chat.notices() if n.kind == "sms" and n.state == "queued"]
    return [notice.open_payload(KEYS)["phone"] for notice in held]


def own(chat: Chat, **more: object) -> Application:
    return handed_in(chat, account=str(chat.account), **more)


def put(chat: Chat, application: Application, **columns: object) -> None:
    """As if much had happened since."""
    with chat.database.writing() as records:
        wanted = Application.id == application.id
        records.execute(update(Application).where(wanted).values(**columns))


@pytest.mark.parametrize("state", [s for s in State if s is not State.DRAFT])
@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_every_state_is_told_to_its_owner_at_once(chat: Chat, state: State, locale: str) -> None:
    put(chat, own(chat), state=state, correct_by=date(2026, 12, 23))
    chat.session.locale = locale
    told = chat.says("进度")
    word = resident_word(state)
    assert word is None or f"{word}/6" in told
    assert NAME not in told
    assert NUMBER not in told
    assert chat.session.talk == ""


def test_a_branch_that_has_closed_since_is_replaced_by_the_counter(chat: Chat) -> None:
    put(chat, own(chat, branch="B999"), state=State.PRODUCED)
    assert chat.city.counters[0].name in chat.says("进度")


def test_what_goes_by_post_names_the_bank(chat: Chat) -> None:
    own(chat, delivery="post", branch="")
    assert chat.city.bank(chat.city.branches[0].bank).short in chat.says("进度")


@pytest.mark.parametrize(
    ("state", "day", "late"),
    [
        (State.SUBMITTED, date(2026, 11, 30), False), (State.SUBMITTED, date(2026, 12, 1), True),
        (State.IN_PRODUCTION, date(2026, 12, 21), False),
        (State.IN_PRODUCTION, date(2026, 12, 22), True),
        (State.READY_FOR_PICKUP, date(2027, 12, 22), False),
    ],
)  # fmt: skip
def test_a_missed_promise_is_owned_up_to(chat: Chat, state: State, day: date, late: bool) -> None:
    put(chat, own(chat), state=state)
    chat.now += day - chat.now.date()
    assert ("抱歉" in chat.says("进度")) is late


def test_an_ended_application_is_shown_only_where_none_is_open(chat: Chat) -> None:
    put(chat, own(chat, holder_proven=False), state=State.CANCELLED)
    assert "已经撤销" in chat.says("进度")
    own(chat)
    assert "进度1/6" in chat.says("进度")
    assert State.CANCELLED in CLOSED


# --- whose -----------------------------------------------------------------------------------


@pytest.fixture
def two(chat: Chat) -> Chat:
    """An account with the applications of two holders."""
    own(chat)
    with chat.database.writing() as records:
        mother = make_person(records, name="李桂英", id_number="119999199208190022", phone=None)
        make_application(records, mother, account=str(chat.account), answers=ANSWERS)
    return chat


def test_two_holders_are_asked_apart_by_masked_name_and_number(two: Chat) -> None:
    told = two.says("进度")
    assert "要看哪一份" in told
    assert "桂英" not in told
    assert "1/6" in two.says("1")
    two.says("进度")
    assert "1/6" in two.says(told.splitlines()[2].partition("尾号")[2][:4])
    assert "要看哪一份" in two.says("进度", "第九份")


def test_going_on_asks_whose_as_well(two: Chat) -> None:
    assert "要看哪一份" in two.says("继续")
    assert "要看哪一份" in two.says("继续")
    assert "1 办卡" in two.says("0")


def test_in_the_middle_of_a_form_one_answer_comes_in_passing_and_two_are_asked(chat: Chat) -> None:
    own(chat)
    chat.says("办卡")
    told = chat.says("到哪一步了")
    assert "进度1/6" in told
    assert "同意" in told
    assert chat.session.talk == "card"


# --- proof -----------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["number", "person"])
def test_a_stranger_proves_with_the_code_and_may_be_remembered(chat: Chat, by: str) -> None:
    application = handed_in(chat)
    assert "请输入受理号" in chat.says("进度")
    chat.says(application.number if by == "number" else f"{NAME} {NUMBER}")
    assert sent(chat) == [PHONE]
    assert "进度1/6" in chat.says(CODE)
    assert "带身份证原件" in chat.says("2")
    assert "催办" in chat.says("3")
    assert chat.says("1").startswith("记住了")
    (account,) = chat.rows(Account, Account.user == chat.account.user)
    assert account.person_id == application.holder_id
    assert "进度1/6" in chat.says("进度")


def test_whoever_asks_for_nobody_hears_and_does_the_same(chat: Chat) -> None:
    handed_in(chat)
    other = Chat(chat.database)
    known = chat.says("进度", f"{NAME} {NUMBER}")
    unknown = other.says("进度", "王小明 119999199208190022")
    assert known == unknown
    assert len(other.notices()) == len(chat.notices()) == 1
    assert sent(other) == []
    assert other.says(CODE) == chat.says("000000")


def test_the_right_number_with_another_name_is_nobody(chat: Chat) -> None:
    handed_in(chat)
    chat.says("进度", f"赵小云 {NUMBER}")
    assert sent(chat) == []


@pytest.mark.parametrize(
    "said",
    [f"{NUMBER} {NAME}", f"{NAME}{NUMBER}", f"{NAME}，{NUMBER}", f"我叫{NAME} 身份证号{NUMBER}"],
)
def test_name_and_number_are_understood_in_any_order(chat: Chat, said: str) -> None:
    handed_in(chat)
    chat.says("进度", said)
    assert sent(chat) == [PHONE]


def claimed(chat: Chat) -> Application:
    """Somebody's unproven application under another name for the number of 陈国强."""
    with chat.database.writing() as records:
        person = make_person(records)
        answers = {"name": "王小明", "phone": "13900009999"}
        return make_application(
            records, person, account=str(chat.account), answers=answers, holder_proven=False,
            delivery="post", bank=chat.city.branches[0].bank,
        )  # fmt: skip


def test_an_unproven_claim_learns_nothing_of_the_holder(chat: Chat) -> None:
    """It is told under the name it gave itself, never under the one known for the number."""
    claimed(chat)
    told = chat.says("进度")
    assert "王*明" in told
    assert "陈" not in told
    claimed(chat)
    assert "王*明" in chat.says("进度")
    assert "陈" not in chat.says("1")


def test_a_claim_under_another_name_is_not_the_holders(chat: Chat) -> None:
    """Nor does the holder's name lead to it: its code goes to whoever claimed."""
    claimed(chat)
    stranger = Chat(chat.database)
    stranger.says("进度", f"{NAME} {NUMBER}")
    assert sent(stranger) == []
    stranger.says("0", f"王小明 {NUMBER}")
    assert sent(stranger) == ["13900009999"]


# --- what must not show ----------------------------------------------------------------------


def test_progress_leaves_no_trace_in_the_card_form(chat: Chat) -> None:
    """A code just sent for progress would tell that there is an application with this phone."""
    handed_in(chat)
    chat.says("进度", f"{NAME} {NUMBER}")
    other = Chat(chat.database)
    other.to_phone()
    assert "刚发过" not in other.says(PHONE)


def test_a_code_refused_to_a_known_phone_fails_as_one_for_nobody(chat: Chat) -> None:
    handed_in(chat)
    chat.says("进度", f"{NAME} {NUMBER}")
    refused, nobody = Chat(chat.database), Chat(chat.database)
    for other, who in ((refused, f"{NAME} {NUMBER}"), (nobody, "王小明 119999199208190022")):
        other.says("进度", who)
        assert sent(other) == []
    for _ in range(6):
        assert refused.says("000000") == nobody.says("000000")
    assert "太多" in refused.says(CODE)
    assert "太多" in nobody.says(CODE)


def test_asking_by_number_and_then_by_name_fails_alike_for_somebody_and_for_nobody(
    chat: Chat,
) -> None:
    """Both name one phone: that its tries are the same ones would tell that there is one."""
    application = handed_in(chat)
    nobody = Chat(chat.database)
    asked = (
        (application.number, f"{NAME} {NUMBER}"),
        ("YZ2611239999", "王小明 119999199208190022"),
    )
    for other, (number, who) in zip((chat, nobody), asked, strict=True):
        other.says("进度", number, *["000000"] * 4, "0", who)
    for _ in range(6):
        assert chat.says("000000") == nobody.says("000000")


def test_who_asks_again_at_once_goes_on_with_the_code_on_its_way(chat: Chat) -> None:
    handed_in(chat)
    chat.says("进度", f"{NAME} {NUMBER}", "0", "进度", f"{NUMBER} {NAME}")
    assert sent(chat) == [PHONE]
    assert "进度1/6" in chat.says(CODE)


def test_who_asks_again_after_a_minute_gets_another_code(chat: Chat) -> None:
    handed_in(chat)
    chat.says("进度", f"{NAME} {NUMBER}")
    chat.now += timedelta(minutes=1)
    chat.says("0", f"{NAME} {NUMBER}")
    assert sent(chat) == [PHONE] * 2


@pytest.mark.parametrize("said", ["\uff14\uff18\uff12\uff19\uff11\uff15", "482 915"])
def test_a_code_in_full_width_digits_is_a_code(chat: Chat, said: str) -> None:
    handed_in(chat)
    chat.says("进度", f"{NAME} {NUMBER}")
    assert "进度1/6" in chat.says(said)


def test_a_message_of_many_digits_is_no_work(chat: Chat) -> None:
    chat.says("进度", f"{NAME} {NUMBER}")
    began = time.monotonic()
    chat.says("123456" + " " * 30_000 + "1")
    assert time.monotonic() - began < 2


def test_an_unproven_holder_is_not_bound(chat: Chat) -> None:
    application = handed_in(chat, holder_proven=False)
    chat.says("进度", application.number, CODE)
    assert "不能记住" in chat.says("1")


def test_a_changed_phone_leads_to_the_counter(chat: Chat) -> None:
    handed_in(chat)
    chat.says("进度", f"{NAME} {NUMBER}")
    assert chat.city.counters[0].address in chat.says("换手机")
    assert chat.session.talk == ""


@pytest.mark.parametrize(
    ("said", "says"),
    [("陈国强", "没看出受理号"), (f"陈国强 {NUMBER[:-1]}", "17位"), ("阿巴 阿巴", "身份证号")],
)
def test_what_names_nobody_says_what_is_needed(chat: Chat, said: str, says: str) -> None:
    chat.says("进度")
    assert says in chat.says(said)


@pytest.mark.parametrize(
    ("said", "says"), [("12", "2位"), ("没有啊", "没太明白"), ("000000", "不对")]
)
def test_a_wrong_code_says_what_is_wrong(chat: Chat, said: str, says: str) -> None:
    handed_in(chat)
    chat.says("进度", f"{NAME} {NUMBER}")
    assert says in chat.says(said)


def test_a_code_runs_out(chat: Chat) -> None:
    handed_in(chat)
    chat.says("进度", f"{NAME} {NUMBER}")
    chat.now += timedelta(minutes=11)
    assert "已经失效" in chat.says(CODE)
    assert "请输入受理号" in chat.says("0")


def test_the_third_failure_offers_a_person(chat: Chat) -> None:
    chat.says("进度")
    assert "回复“9”" not in chat.says("陈国强", "陈国强")
    assert "回复“9”" in chat.says("陈国强")


def test_other_words_after_the_answer_lead_on(chat: Chat) -> None:
    application = handed_in(chat)
    chat.says("进度", application.number, CODE)
    assert "还要办什么" in chat.says("帮助")
    assert "1 办卡" in chat.says("阿巴阿巴")
    assert chat.session.talk == ""


def test_a_question_in_the_middle_of_the_proof_keeps_the_proof_open(chat: Chat) -> None:
    chat.says("进度")
    told = chat.says("办卡要钱吗")
    assert "不收费" in told
    assert "请输入受理号" in told
    assert chat.session.talk == "progress"
