"""Progress by a page's forms: the chat's proof, its codes and limits, and nothing of the chat."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.dialogue.messages import Kind, Reply
from handlers.progress.page import CODE_SENT, REMEMBERED
from models.people import Account
from tests.handlers.chat import CODE, NAME, NUMBER, PHONE, Chat
from tests.handlers.test_progress import handed_in, own, sent
from tests.models.making import KEYS


def page(chat: Chat, form: str, **fields: Any) -> Reply:
    """What the page is answered when this form is sent."""
    chat.sends(Kind.PAGE, key=f"progress.{form}", data=fields)
    assert isinstance(chat.last, Reply)
    return chat.last


@pytest.mark.parametrize("by", ["number", "bare number", "person"])
def test_whoever_proves_it_is_shown_their_application(chat: Chat, by: str) -> None:
    application = handed_in(chat)
    number = application.number.removeprefix("YZ") if by == "bare number" else application.number
    asked = {"name": NAME, "id_number": NUMBER} if by == "person" else {"number": number}
    assert page(chat, "ask", **asked).about == CODE_SENT
    assert sent(chat) == [PHONE]
    shown = page(chat, "code", code=CODE)
    assert shown.about == f"application:{application.id}"
    assert "进度1/6" in shown.text
    assert page(chat, "remember").about == REMEMBERED
    (account,) = chat.rows(Account, Account.user == chat.account.user)
    assert account.person_id == application.holder_id


@pytest.mark.parametrize("fields", [{}, {"number": "YZ12"}, {"name": NAME}, {"number": "随便"}])
def test_what_cannot_be_read_is_said_in_the_words_of_a_form(
    chat: Chat, fields: dict[str, str]
) -> None:
    reply = page(chat, "ask", **fields)
    assert reply.about == ""
    assert "都填上" in reply.text
    assert "空一格" not in reply.text


def test_whoever_asks_for_nobody_is_answered_the_same(chat: Chat) -> None:
    handed_in(chat)
    other = Chat(chat.database)
    known = page(chat, "ask", name=NAME, id_number=NUMBER)
    assert page(other, "ask", name="李小梅", id_number=NUMBER) == known
    assert sent(other) == []
    wrong = page(chat, "code", code="000000")
    assert page(other, "code", code=CODE) == wrong
    assert page(chat, "code", code="12") == page(other, "code", code="12")


def test_a_page_leaves_the_open_question_alone(chat: Chat) -> None:
    application = handed_in(chat)
    chat.says("办卡")
    before = chat.session.talk, chat.session.drafts["card"].step, chat.session.asked
    page(chat, "ask", number=application.number)
    page(chat, "code", code=CODE)
    page(chat, "remember")
    assert before == (chat.session.talk, chat.session.drafts["card"].step, chat.session.asked)


@pytest.mark.parametrize(
    "asked",
    [{}, {"number": "YZ1"}, {"name": NAME}, {"name": NAME, "id_number": "119999199003070018"}],
)
def test_what_cannot_be_meant_is_said_so_and_sends_nothing(
    chat: Chat, asked: dict[str, str]
) -> None:
    assert page(chat, "ask", **asked).about == ""
    assert chat.notices() == []


def test_nothing_is_remembered_without_proof(chat: Chat) -> None:
    application = own(chat)
    assert page(chat, "remember").about == ""
    page(chat, "ask", number=application.number)
    assert page(chat, "remember").about == ""
    (account,) = chat.rows(Account, Account.user == chat.account.user)
    assert account.person_id is None


def test_a_proof_holds_as_long_as_a_code(chat: Chat) -> None:
    application = handed_in(chat)
    page(chat, "ask", number=application.number)
    page(chat, "code", code=CODE)
    chat.now += timedelta(minutes=chat.city.days.code_minutes)
    assert page(chat, "remember").about == ""


def test_a_page_is_answered_in_its_own_language(chat: Chat) -> None:
    handed_in(chat)
    told = page(chat, "ask", name=NAME, id_number=NUMBER, locale="en")
    assert told.text.startswith("Thank you")
    assert chat.session.locale == "zh_CN"
    (notice,) = chat.notices()
    english = chat.city.sms["code_en"].id
    assert notice.open_payload(KEYS)["template"] == english


def test_an_application_that_is_not_proven_is_shown_but_not_remembered(chat: Chat) -> None:
    application = handed_in(chat, holder_proven=False)
    page(chat, "ask", number=application.number)
    page(chat, "code", code=CODE)
    shown = page(chat, "remember")
    assert shown.about == f"application:{application.id}"
    assert "不能记住" in shown.text


def test_a_form_that_nobody_knows_is_answered_with_nothing(chat: Chat) -> None:
    assert chat.sends(Kind.PAGE, key="progress.everything") == ""
