"""The dialogue in our own engine: a form beside the bot's others, as a contributor would add it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from sqlalchemy import Column, LargeBinary, MetaData, String, Table, insert

from benchmarks.speed.dialogue import LOCALES, OPENING, QUESTIONS, SECTIONS, Question
from bot.assembly import Assembly
from bot.dialogue.checks import ReadBack
from bot.dialogue.form import Filling, Form, Step
from bot.dialogue.form_talk import FormTalk
from bot.dialogue.messages import Outcome, Reply
from bot.dialogue.readings import Fault
from bot.dialogue.router import Router
from bot.dialogue.several import Value
from bot.dialogue.state import Draft
from bot.dialogue.steps import Choice, Date, Text
from bot.dialogue.words import Words
from config.locales import Texts
from config.locales.words import word_table
from handlers.menu import menu
from handlers.words import words

REGISTRATIONS = Table(
    "speed_registrations",
    MetaData(),
    Column("id", String(32), primary_key=True),
    Column("account_key", String(128), nullable=False),
    Column("answers", LargeBinary, nullable=False),
    Column("at", String(32), nullable=False),
)
_ADD = insert(REGISTRATIONS)


def _words(turn: Any) -> Words:
    return words("card")


def _line(turn: Any, draft: Draft, said: str) -> str:
    if not 2 <= len(said) <= 60:
        raise Fault("employer")
    return said


def _step(question: Question) -> Step:
    name, section = question.name, question.section
    match question.kind:
        case "text":
            return Text(name=name, section=section, reads=(Value(name, _line),))
        case "day":
            return Date(name=name, section=section)
        case "choice":
            return Choice(name=name, section=section, options=question.options)
        case "check":
            return ReadBack(name=name, section=section, line="", whole=lambda: SURVEY, yes=_words)


def _register(turn: Any, draft: Draft) -> Outcome:
    """The end: one sealed record, in the turn's transaction."""
    record, answers = turn.sources.new_id(), json.dumps(draft.answers, ensure_ascii=False)
    sealed = turn.keys.seal(answers.encode(), f"speed_registrations:answers:{record}")
    row = {
        "id": record,
        "account_key": str(turn.account),
        "answers": sealed,
        "at": turn.now.isoformat(),
    }
    turn.records.execute(_ADD, row)
    turn.session.drafts.pop(SURVEY.name)
    turn.session.talk = ""
    return Reply(turn.say("survey.done"), footer=turn.say("footer"))


SURVEY: Form = Form(
    "survey",
    version=1,
    sections=SECTIONS,
    steps=[_step(question) for question in QUESTIONS],
    submit=_register,
)


def _create(turn: Any, intent: str) -> Filling:
    draft = Draft(turn.sources.new_id(), SURVEY.name, SURVEY.version, turn.now.isoformat())
    turn.session.drafts[SURVEY.name] = draft
    return Filling(SURVEY, turn, draft)


class WithSurvey(Assembly):
    """The whole bot, with one conversation and one word for it more."""

    @cached_property
    def texts(self) -> Texts:
        return Texts.load(self.city, LOCALES)

    @property
    def forms(self) -> Mapping[str, Form]:
        return {**super().forms, SURVEY.name: SURVEY}

    @cached_property
    def router(self) -> Router:
        bot = super().router
        talk = FormTalk(
            SURVEY,
            ("survey",),
            create=_create,
            opening=lambda turn: str(turn.say("survey.intro")),
            leave=menu,
            days=lambda turn: turn.city.days.draft,
        )
        return replace(
            bot,
            conversations={**bot.conversations, talk.name: talk},
            openers=Words({**word_table("openers"), "survey": [OPENING]}),
        )
