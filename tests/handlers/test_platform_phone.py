"""A number that the platform vouches for: what it is worth, and that it answers one question."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import pytest

from bot.dialogue.messages import Kind
from models.database import Database
from models.notices import Notice
from models.one_time_codes import OneTimeCode
from models.people import Person
from tests.handlers.chat import PHONE, Chat, city


def taking(database: Database, worth: Literal["typed", "proof"]) -> Chat:
    """A chat in a city that gives the platform's word this weight."""
    known = city()
    return Chat(database, city=replace(known, api=replace(known.api, platform_phone=worth)))


def gives(chat: Chat, number: str = PHONE) -> str:
    return chat.sends(Kind.PHONE, text=number)


def test_it_is_as_if_it_had_been_typed_where_the_city_wants_a_code(database: Database) -> None:
    chat = taking(database, "typed")
    chat.to_phone()
    assert "验证码已发到" in gives(chat)
    assert len(chat.rows(OneTimeCode)) == 1
    assert not chat.jobs("check_phone")


def test_no_code_is_sent_where_the_platforms_word_is_proof(database: Database) -> None:
    chat = taking(database, "proof")
    chat.to_phone()
    gives(chat)
    assert chat.rows(OneTimeCode) == [] and chat.rows(Notice) == []
    assert len(chat.jobs("check_phone")) == 1, "the office is asked all the same"


@pytest.mark.parametrize("on_file", [True, False])
def test_it_proves_no_more_than_a_code_does(database: Database, on_file: bool) -> None:
    chat = taking(database, "proof")
    chat.to_phone()
    gives(chat)
    said = chat.hears("check_phone", on_file=on_file)
    assert ("您可以办卡" in said) == on_file
    assert "住的地方" in said


def test_it_takes_the_place_of_a_code_that_is_on_its_way(database: Database) -> None:
    chat = taking(database, "proof")
    chat.to_phone()
    chat.says("13900009999")
    gives(chat)
    assert "住的地方" in chat.hears("check_phone", on_file=False)
    assert chat.draft.answers["phone"] == PHONE


def test_at_another_question_it_is_no_answer_and_nothing_is_lost(database: Database) -> None:
    chat = taking(database, "proof")
    chat.to_address()
    before = dict(chat.draft.answers)
    said = gives(chat)
    assert "不用手机号" in said and "住的地方" in said
    assert chat.draft.answers == before


def test_without_a_form_it_is_answered_with_the_menu_and_kept_nowhere(database: Database) -> None:
    chat = taking(database, "proof")
    assert "不用手机号" in gives(chat)
    assert PHONE not in chat.session.to_json().decode()
    assert chat.rows(Person) == []


def test_what_is_no_mobile_number_is_said_to_be_none(database: Database) -> None:
    chat = taking(database, "proof")
    chat.to_phone()
    assert "11位" in gives(chat, "021")
    assert not chat.jobs("check_phone")
