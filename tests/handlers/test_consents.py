"""What is recorded as agreed to: the words that were shown, when they mean it, in both styles."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Literal

import pytest

from bot.dialogue.messages import Reply
from models.consents import Consent
from models.database import Database
from tests.handlers.chat import CODE, NAME, NUMBER, PHONE, Chat, city, texts

Style = Literal["in_place", "ask_each"]
BY_DOING = ("发来就表示", "选了就表示", "By sending it", "choosing is your")


def chat_in(database: Database, style: Style, *ask: Literal["household"]) -> Chat:
    return Chat(database, city=replace(city(), consent_style=style, ask_derived=ask))


@pytest.fixture
def asking(sqlite_database: Database) -> Chat:
    """In a city that asks for each consent."""
    return chat_in(sqlite_database, "ask_each")


def given(chat: Chat, kind: str) -> list[Consent]:
    """The consents of a kind, withdrawn ones too, the earliest first."""
    mine = chat.rows(Consent, Consent.account_key == str(chat.account), Consent.kind == kind)
    return sorted(mine, key=lambda consent: consent.given_at)


def is_of(consent: Consent, *shown: str) -> bool:
    return consent.text_sha256 == hashlib.sha256("\n".join(shown).encode()).hexdigest()


def closing(chat: Chat) -> str:
    """The last line of what was said, but for the footer."""
    assert isinstance(chat.last, Reply)
    return chat.last.after


def to_branch(chat: Chat) -> str:
    """To the branch question, everything typed; the notice is agreed to already."""
    if chat.city.consent_style == "ask_each":
        chat.says("同意")
    chat.says("手输", f"{NAME} {NUMBER}")
    chat.hears("check_person", identity="match", eligibility={"insured": True})
    chat.says("汉", "长期", PHONE, CODE)
    chat.hears("check_phone", on_file=True)
    chat.place()
    return chat.says("3")


# --- in place: what is done is the consent ---------------------------------------------------


@pytest.mark.parametrize("greeting", [("办卡", "同意"), ("apply for a card", "agree")])
def test_a_sent_photo_is_the_consent_to_the_words_that_asked_for_it(
    chat: Chat, greeting: tuple[str, str]
) -> None:
    asked = chat.says(*greeting)
    locale = chat.session.locale
    shown = texts().say(locale, "card.id.ask")
    assert shown in asked
    assert given(chat, "sensitive") == []
    chat.photo()
    (consent,) = given(chat, "sensitive")
    assert is_of(consent, shown)
    assert consent.locale == locale
    chat.photo()
    assert len(given(chat, "sensitive")) == 1


def test_a_chosen_branch_is_the_consent_to_the_words_below_the_choice(chat: Chat) -> None:
    chat.says("办卡", "同意")
    shown = texts().say("zh_CN", "card.branch.after")
    assert shown in to_branch(chat)
    assert closing(chat) == shown
    chat.says("1")
    (consent,) = given(chat, "handing_over")
    assert is_of(consent, shown)
    assert consent.detail == {"bank": "CCB"}


def test_another_choice_is_the_consent_to_the_words_shown_again(chat: Chat) -> None:
    chat.says("办卡", "同意")
    to_branch(chat)
    chat.says("1", "上一步")
    again = closing(chat)
    chat.says("2")
    first, second = given(chat, "handing_over")
    assert first.withdrawn_at is not None
    assert is_of(second, again)
    assert not is_of(second, texts().say("zh_CN", "card.branch.after"))
    assert second.detail == {"bank": "ABC"}
    chat.says("上一步", "邮寄")
    shown = closing(chat)
    chat.says("1")
    assert is_of(given(chat, "handing_over")[-1], shown)
    assert shown == texts().say("zh_CN", "card.branch.after")


# --- ask each: a question of its own is the consent ------------------------------------------


def test_sending_a_photo_records_nothing_where_each_consent_is_asked(asking: Chat) -> None:
    shown = texts().say("zh_CN", "card.id_consent.ask")
    assert shown in asking.says("办卡", "同意")
    asking.photo()
    assert asking.draft.step == "id_consent"
    assert asking.jobs("read_id_photo") == []
    assert given(asking, "sensitive") == []
    asking.says("同意")
    (consent,) = given(asking, "sensitive")
    assert is_of(consent, shown)
    asking.photo()
    assert len(given(asking, "sensitive")) == 1


def test_choosing_a_branch_records_nothing_where_each_consent_is_asked(asking: Chat) -> None:
    asking.says("办卡", "同意")
    to_branch(asking)
    asked = asking.says("2")
    assert given(asking, "handing_over") == []
    shown = texts().say("zh_CN", "card.bank_consent.ask", bank="农业银行")
    assert shown in asked
    asking.says("同意")
    (consent,) = given(asking, "handing_over")
    assert is_of(consent, shown)
    assert consent.detail == {"bank": "ABC"}


@pytest.mark.parametrize("said", ["不同意", "窗口"])
def test_who_does_not_agree_to_the_bank_is_shown_the_counter(asking: Chat, said: str) -> None:
    asking.says("办卡", "同意")
    to_branch(asking)
    asking.says("1")
    assert asking.city.counters[0].address in asking.says(said)
    assert given(asking, "handing_over") == []


def test_another_bank_is_asked_for_again(asking: Chat) -> None:
    asking.says("办卡", "同意")
    to_branch(asking)
    asking.says("1", "同意", "上一步", "上一步")
    asked = asking.says("2")
    assert "改交" not in asked
    assert "省人社厅和农业银行制卡" in asked
    assert [c.detail for c in given(asking, "handing_over")] == [{"bank": "CCB"}]
    asking.says("同意")
    old, new = given(asking, "handing_over")
    assert old.withdrawn_at is not None
    assert new.detail == {"bank": "ABC"}


def test_a_bank_chosen_because_a_branch_closed_is_asked_for_too(asking: Chat) -> None:
    asking.says("办卡", "同意")
    to_branch(asking)
    asking.says("1", "同意")
    closed = asking.draft.answers["branch"]
    left_open = tuple(b for b in asking.city.branches if b.code != closed)
    asking.city = replace(asking.city, branches=left_open)
    assert "银行和网点" in asking.says("你好")
    asking.says("1")
    assert asking.draft.step == "bank_consent"
    assert asking.draft.answers["bank"] != "CCB"


@pytest.mark.parametrize("first", ["办卡", "apply for a card"])
def test_nothing_says_that_doing_is_agreeing_where_each_consent_is_asked(
    asking: Chat, first: str
) -> None:
    agree = "同意" if first == "办卡" else "agree"
    heard = [asking.says(word) for word in (first, agree, agree)]
    heard += [asking.photo(), asking.hears("read_id_photo", side="front", fields={})]
    heard += [asking.says("手输", f"{NAME} {NUMBER}")]
    heard += [asking.hears("check_person", identity="match", eligibility={"insured": True})]
    heard += [asking.says(text) for text in ("汉", "2038-05-12", PHONE, CODE)]
    heard += [asking.hears("check_phone", on_file=True), asking.place()]
    heard += [asking.says(text) for text in ("3", "5", "0", "工商银行", "0", "1", agree)]
    assert asking.draft.step == "portrait"
    heard += [asking.says("0"), asking.says("0"), asking.says("2")]
    said = "\n".join(heard)
    assert not [words for words in BY_DOING if words in said]
    assert said.count("再问您同不同意" if first == "办卡" else "we ask whether you agree") >= 4


def test_a_whole_walk_where_everything_is_asked(sqlite_database: Database) -> None:
    chat = chat_in(sqlite_database, "ask_each", "household")
    chat.says("办卡", "同意", "同意")
    assert "读好了" in chat.reads()
    chat.says("1")
    assert "第3步" in chat.checks()
    chat.hears("check_person", portrait="p" * 32)
    chat.says(PHONE, CODE)
    chat.hears("check_phone", on_file=True)
    chat.place()
    assert "您的户口在哪里" in chat.says("3")
    assert "第5步" in chat.says("1")
    assert "单独同意" in chat.says("1")
    assert "第6步" in chat.says("同意")
    assert "最后看一遍" in chat.says("1")
    assert "受理号" in chat.says("确认")
    kept = chat.rows(Consent, Consent.account_key == str(chat.account))
    assert sorted(c.kind for c in kept) == ["general", "handing_over", "sensitive"]
    assert len({c.application_id for c in kept} - {None}) == 1
