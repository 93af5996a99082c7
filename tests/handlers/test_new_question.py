"""A question more is one declaration and two texts: no table, template or channel changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import handlers.card.form
from bot.dialogue.form import Form
from bot.dialogue.form_checks import check_form
from bot.dialogue.readings import Fault
from bot.dialogue.several import Value
from bot.dialogue.state import Draft
from bot.dialogue.steps import Text
from config.locales import LOCALES, Texts, _read
from config.locales.longest import longest_values
from handlers.card.form import CARD
from models.applications import Application, applications_of, open_answers
from models.database import Database
from tests.handlers.chat import Chat, city, the_router
from tests.models.making import KEYS

TWO_TEXTS = {
    "zh_CN": {"card.shoe_size.ask": "您穿多大的鞋？", "card.shoe_size.label": "鞋码"},
    "en": {"card.shoe_size.ask": "What is your shoe size?", "card.shoe_size.label": "Shoe size"},
}


def read_size(turn: Any, draft: Draft, said: str) -> int:
    if not said.isdigit():
        raise Fault("code.length", digits=0)
    return int(said)


SHOE_SIZE = Text(name="shoe_size", section="life", reads=(Value("shoe_size", read_size),))


@pytest.fixture
def longer(monkeypatch: pytest.MonkeyPatch) -> Form:
    """The card form with one question more, behind the work."""
    steps = list(CARD.steps)
    steps.insert([step.name for step in steps].index("work") + 1, SHOE_SIZE)
    form = replace(CARD, steps=steps)
    monkeypatch.setattr(handlers.card.form, "CARD", form)
    return form


@pytest.fixture
def more_texts() -> Texts:
    texts = Texts({locale: _read(locale) | TWO_TEXTS[locale] for locale in LOCALES}, city())
    texts.check()
    return texts


def test_the_form_is_sound_with_one_declaration_and_two_texts(
    longer: Form, more_texts: Texts
) -> None:
    check_form(longer, more_texts, longest_values(city()))


def test_it_is_asked_read_back_edited_and_recorded_without_a_migration(
    longer: Form, more_texts: Texts, database: Database
) -> None:
    chat = Chat(database, routed=the_router(), texts=more_texts)
    chat.to_address()
    chat.place()
    assert chat.says("3").startswith("您穿多大的鞋？")
    chat.says("41", "1")
    chat.photo()
    chat.hears("take_portrait", document="d" * 32)
    assert "\n鞋码：41\n" in chat.says("1")
    assert "原来是“41”" in chat.says("改鞋码")
    assert "\n鞋码：42\n" in chat.says("42")
    assert "受理号" in chat.says("确认")
    with database.reading() as records:
        (application,) = applications_of(records, account=str(chat.account))
        assert open_answers(application, KEYS)["shoe_size"] == 42
    assert "shoe_size" not in Application.__table__.columns


def test_a_draft_begun_before_is_asked_the_new_question_only(
    longer: Form, more_texts: Texts, sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handlers.card.form, "CARD", CARD)
    chat = Chat(sqlite_database, texts=more_texts)
    chat.to_read_back()
    monkeypatch.setattr(handlers.card.form, "CARD", replace(longer, version=2))
    chat.router = the_router()
    assert "您穿多大的鞋？" in chat.says("继续")
    assert "\n鞋码：41\n" in chat.says("41")
