"""A branch that closes: nobody is offered it, who names it hears what takes its place, and a draft
that holds it is asked again at that question alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.dialogue.messages import Kind
from config.locales import Texts
from models.database import Database
from tests.closing import CLOSES, CODE, COMES, SUCCESSOR, closing_city
from tests.handlers.chat import Chat
from tests.handlers.test_collecting import ANSWERS, own

CITY = closing_city()
TEXTS = Texts.load(CITY)
OLD, NEW = CITY.branch(CODE), CITY.branch(SUCCESSOR)
CLOSED = f"{OLD.name}12月31日起不办了，改到{NEW.name}"


@pytest.fixture
def chat(sqlite_database: Database) -> Chat:
    """In a city where a branch closes at the end of the year."""
    return Chat(sqlite_database, city=CITY, texts=TEXTS)


def to_branch(chat: Chat) -> str:
    """To the question where the card is collected."""
    chat.to_address()
    chat.place()
    return chat.says("3")


def late(chat: Chat) -> None:
    """So near to its last day that a card of today would come too late."""
    chat.now = chat.now.replace(month=COMES.month, day=COMES.day)


def test_it_is_offered_while_a_card_comes_before_and_not_after(chat: Chat) -> None:
    assert OLD.name in to_branch(chat), "a card that is ordered on 23 November comes before"
    late(chat)
    asked = chat.says("上一步", "保留")
    assert OLD.name not in asked and asked.count("支行") >= 3
    of_bank = chat.says("农业银行")
    assert OLD.name not in of_bank and NEW.name in of_bank


def test_who_names_it_hears_what_takes_its_place_and_chooses_that_by_a_digit(chat: Chat) -> None:
    to_branch(chat)
    late(chat)
    asked = chat.says(OLD.name)
    assert CLOSED in asked and "回复 1 选它" in asked
    assert "单独同意" in asked, "choosing is the consent here as well"
    assert "离您近的领卡网点" in chat.says("别的网点"), "or another one"
    chat.says(OLD.name)
    assert f"领卡网点：{NEW.name}" in chat.says("1")
    assert (chat.draft.answers["branch"], chat.draft.answers["bank"]) == (SUCCESSOR, "ABC")


def test_in_english_too(chat: Chat) -> None:
    chat.session.locale = "en"
    to_branch(chat)
    late(chat)
    asked = chat.says(OLD.name_en)
    assert f"{OLD.name_en} hands out no cards from 31 December on; {NEW.name_en} does" in asked


def test_a_draft_that_holds_it_is_asked_again_at_that_question_alone(chat: Chat) -> None:
    to_branch(chat)
    chat.says(OLD.name)
    chat.photo()
    chat.hears("take_portrait", document="d" * 32)
    assert f"{OLD.name}（本人带身份证）" in chat.says("1"), "the read-back"
    before = dict(chat.draft.answers)
    late(chat)
    asked = chat.says("确认")
    assert "有一项要重新填，别的都在" in asked and "改到" + NEW.name in asked
    shown = chat.says("1")
    assert f"{NEW.name}（本人带身份证）" in shown, "the read-back again, nothing else was asked"
    assert {**before, "branch": SUCCESSOR} == chat.draft.answers
    assert "受理号" in chat.says("确认")


def test_who_comes_back_after_days_hears_it_first(chat: Chat) -> None:
    to_branch(chat)
    chat.says(OLD.name, "菜单")
    late(chat)
    asked = chat.says("继续")
    assert f"{OLD.name}12月31日起不办了" in asked
    assert "请发一张近照" in chat.says("1"), "the question that was open goes on"


def test_its_own_code_leads_to_the_successor(chat: Chat) -> None:
    told = chat.sends(Kind.SUBSCRIBE, key=f"branch-{CODE}")
    assert f"您扫的是{OLD.name}（12月31日起不办）的码" in told, "it is still offered"
    late(chat)
    told = chat.sends(Kind.SCAN, key=f"branch-{CODE}")
    assert f"您扫的是{OLD.name}的码，这家12月31日起不办了，改到{NEW.name}" in told
    assert NEW.address in told and OLD.address not in told
    assert f"1 {NEW.name}" in to_branch(chat), "it stands first"


def test_a_place_shows_what_is_open_and_until_when(chat: Chat) -> None:
    assert f"{OLD.name}（12月31日起不办）" in chat.place()
    chat.now = chat.now.replace(year=2026, month=12, day=31)
    assert OLD.name not in chat.place()


def test_a_card_that_waits_there_is_told_until_when(chat: Chat) -> None:
    own(chat)
    told = chat.says("领卡")
    assert OLD.address in told and "这个网点12月31日起不办了，请在那之前去" in told


def test_a_card_elsewhere_does_not_go_there(chat: Chat) -> None:
    own(chat, branch="ABC-03", answers={**ANSWERS, "branch": "ABC-03"})
    late(chat)
    assert OLD.name not in chat.says("改网点")
    asked = chat.says(OLD.name)
    assert "改到" + NEW.name in asked and "单独同意" not in asked
    assert NEW.name in chat.says("1") and chat.session.talk == ""


def test_whose_card_is_at_the_successor_is_told_that(chat: Chat) -> None:
    own(chat, branch=SUCCESSOR, answers={**ANSWERS, "branch": SUCCESSOR})
    late(chat)
    chat.says("改网点")
    assert "您的卡就在接着办的网点" in chat.says(OLD.name)


def test_a_city_may_offer_it_with_its_last_day(sqlite_database: Database) -> None:
    city = closing_city(collection={"until_closed": True})
    chat = Chat(sqlite_database, city=city, texts=Texts.load(city))
    chat.now = chat.now.replace(month=12, day=30)
    assert f"{OLD.name}（12月31日起不办）" in to_branch(chat)
    chat.now += timedelta(days=1)
    assert chat.now.date() == CLOSES
    assert OLD.name not in chat.says("上一步", "保留")
