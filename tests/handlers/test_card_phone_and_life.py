"""The phone and its code, the address, the work, the branch."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from bot.dialogue.messages import Place
from models.consents import Consent
from tests.handlers.chat import CODE, PHONE, Chat

# --- phone -----------------------------------------------------------------------------------


@pytest.mark.parametrize("known", [{"has_card": True}, {"open_application": True}])
def test_a_card_or_an_application_is_told_to_the_phone_on_file_alone(
    chat: Chat, known: dict[str, bool]
) -> None:
    later = Chat(chat.database, at=chat.now + timedelta(minutes=5))
    for person, on_file in ((chat, False), (later, True)):
        person.says("办卡", "同意")
        person.reads()
        person.says("1")
        assert "第3步" in person.checks(known=known)
        person.says(PHONE, CODE)
        told = person.hears("check_phone", on_file=on_file)
        assert ("第4步" in told) is not on_file
        assert (person.session.talk == "") is on_file


@pytest.mark.parametrize(
    ("said", "says"),
    [("1390000123", "10位"), ("23900001234", "不像手机号"), ("一三九", "没太明白"), ("139", "3位")],
)
def test_a_wrong_phone_number_says_what_is_wrong(chat: Chat, said: str, says: str) -> None:
    chat.to_phone()
    assert says in chat.says(said)


@pytest.mark.parametrize(
    ("said", "says"),
    [("111111", "不对"), ("1234", "4位"), ("重发", "刚发过"), ("没有啊", "没太明白")],
)
def test_a_wrong_code_says_what_is_wrong(chat: Chat, said: str, says: str) -> None:
    chat.to_phone()
    chat.says(PHONE)
    assert says in chat.says(said)


def test_another_number_at_the_code_is_a_correction(chat: Chat) -> None:
    chat.to_phone()
    chat.says("13900005678")
    assert "139****1234" in chat.says(PHONE)
    assert "phone" in chat.draft.inner


def test_back_from_the_code_leads_to_the_number(chat: Chat) -> None:
    chat.to_phone()
    chat.says(PHONE)
    assert "请发您的手机号" in chat.says("上一步")
    assert chat.draft.step == "phone"


def test_a_silent_office_does_not_keep_a_proven_phone_waiting(chat: Chat) -> None:
    chat.to_phone()
    chat.says(PHONE, CODE)
    assert "核对" in chat.says("好了吗")
    chat.now += timedelta(seconds=11)
    assert "第4步" in chat.says("好了吗")
    assert chat.draft.facts["phone_on_file"] is None


# --- life ------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["20" * 30_000, "1a" * 30_000, "1 " * 30_000, "9" * 60_000])
def test_an_address_of_many_digits_costs_little(chat: Chat, said: str) -> None:
    """Two thousand digits held the interpreter for 47 seconds."""
    chat.to_address()
    started = time.thread_time()
    chat.says(said)
    assert time.thread_time() - started < 2


def test_a_number_before_an_english_street_word_is_an_address(chat: Chat) -> None:
    chat.to_address()
    assert "1 Renmin Road" in chat.says("1 Renmin Road, Chengdong District")


def test_an_address_without_a_district_asks_for_it(chat: Chat) -> None:
    chat.to_address()
    assert "1 " in chat.says("人民路1号")
    assert "工作情况" in chat.says("1")
    assert chat.draft.answers["lives_at"] == "人民路1号"
    assert chat.draft.answers["district"] == chat.city.districts[0].code


@pytest.mark.parametrize(
    ("said", "says"), [("城东区", "写得再细"), ("路" * 101, "最多100"), ("好的呀", "没太明白")]
)
def test_what_is_no_address_is_told_why(chat: Chat, said: str, says: str) -> None:
    chat.to_address()
    assert says in chat.says(said)


def test_a_place_outside_the_city_or_without_a_name_is_told_so(chat: Chat) -> None:
    chat.to_address()
    assert "不在云州市" in chat.place(Place(39.9, 116.4, "别处"))
    assert "没有地名" in chat.place(Place(32.05, 123.12, ""))


def test_who_has_an_employer_is_asked_for_it(chat: Chat) -> None:
    chat.to_address()
    chat.place()
    assert "单位" in chat.says("1")
    assert "2到60个字" in chat.says("厂")
    assert "第5步" in chat.says("云州纺织厂")
    assert chat.draft.answers["employer"] == "云州纺织厂"
    assert chat.draft.answers["status"] == "employed"


def test_back_from_the_employer_leads_to_the_choice(chat: Chat) -> None:
    chat.to_address()
    chat.place()
    chat.says("1")
    assert "5 学生" in chat.says("上一步")


# --- branch ----------------------------------------------------------------------------------


def at_branch(chat: Chat) -> None:
    chat.to_address()
    chat.place()
    chat.says("3")


@pytest.mark.parametrize(
    ("texts", "delivery", "bank"),
    [
        (["1"], "pickup", "CCB"), (["工行", "1"], "pickup", "ICBC"),
        (["4", "工行", "1"], "pickup", "ICBC"), (["5", "1"], "post", None),
        (["邮寄", "建设银行"], "post", "CCB"), (["建设银行城东支行"], "pickup", "CCB"),
        (["农", "1", "1"], "pickup", None), (["5", "5", "农", "2"], "post", None),
    ],
)  # fmt: skip
def test_a_branch_is_found_in_many_ways(
    chat: Chat, texts: list[str], delivery: str, bank: str | None
) -> None:
    at_branch(chat)
    chat.says(*texts)
    assert chat.draft.answers["delivery"] == delivery
    assert bank is None or chat.draft.answers["bank"] == bank
    assert bool(chat.draft.answers["branch"]) is (delivery == "pickup")


@pytest.mark.parametrize(
    "texts", [["8"], ["火星银行"], ["4", "火星银行"], ["5", "9"], ["5", "火星"], ["农", "火星"]]
)
def test_a_branch_that_there_is_not_leaves_the_question_open(chat: Chat, texts: list[str]) -> None:
    at_branch(chat)
    chat.says(*texts)
    assert chat.draft.step == "branch"


def test_back_on_another_page_leads_to_the_nearest(chat: Chat) -> None:
    at_branch(chat)
    chat.says("工行")
    assert "600米" in chat.says("上一步")


def test_the_bank_is_named_in_the_consent_and_each_choice_is_one(chat: Chat) -> None:
    at_branch(chat)
    chat.says("1", "上一步", "2")
    given = chat.rows(Consent, Consent.account_key == str(chat.account))
    banks = [c.detail["bank"] for c in given if c.kind == "handing_over"]
    assert sorted(banks) == ["ABC", "CCB"]


def test_without_a_place_the_branches_of_the_district_are_offered(chat: Chat) -> None:
    chat.to_address()
    chat.says("城东区人民路1号", "没工作")
    assert "1 " in chat.says("你好")
    chat.says("1", "上一步")
    assert chat.says("保留").startswith("好")


def test_a_whole_address_at_the_district_is_a_correction(chat: Chat) -> None:
    chat.to_address()
    assert "在哪个区" in chat.says("人民路1号")
    chat.says("城东区和平路18号3单元502室")
    assert chat.draft.answers["lives_at"] == "城东区和平路18号3单元502室"


def test_what_cannot_be_seen_is_in_no_answer(chat: Chat) -> None:
    chat.to_address()
    chat.says("城东区\u202e人民路\u200b1号\x00")
    assert chat.draft.answers["lives_at"] == "城东区人民路1号"
