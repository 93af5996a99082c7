"""A card that is being made, and a dialogue about it over some weeks."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

from config.city import City
from models.application_states import Actor, State
from models.applications import Application, move
from models.database import Database
from tests.end_to_end.transcript import Transcript
from tests.handlers.chat import NAME, PHONE
from tests.models.making import make_application, make_person

Told = TypeVar("Told")
CARD_BY = date(2026, 12, 21)
BEFORE = (
    (State.UNDER_REVIEW, Actor.OFFICER, "2026-11-24"),
    (State.APPROVED, Actor.OFFICER, "2026-11-27"),
    (State.SENT_TO_PROVINCE, Actor.BATCH, "2026-11-30"),
    (State.PROVINCE_CHECKING, Actor.REPLY, "2026-12-01"),
    (State.BANK_OPENING, Actor.REPLY, "2026-12-01"),
    (State.IN_PRODUCTION, Actor.REPLY, "2026-12-02"),
)


def applied_in_wechat(database: Database, city: City) -> Application:
    """Handed in on 23 November in WeChat, being made since 2 December."""
    branch = next(b for b in city.branches if b.name == "农业银行和平路支行")
    with database.writing() as records:
        application = make_application(
            records,
            make_person(records),
            number="YZ2611230731",
            answers={"name": NAME, "phone": PHONE},
            delivery="pickup",
            branch=branch.code,
            bank=branch.bank,
            promise_card_by=CARD_BY,
            now=datetime(2026, 11, 23, 10, tzinfo=city.tz),
        )
        for state, actor, day in BEFORE:
            move(records, application, state, actor, datetime.fromisoformat(f"{day}T10:00+08:00"))
        return application


def played(
    transcript: Transcript,
    database: Database,
    application: Application,
    at: Callable[[datetime], None],
    says: Callable[[str], Told],
) -> list[Told]:
    """The answers; what a comment sets (clock, state) is set before what follows it."""
    answers, now = [], transcript.clock
    for block in transcript.blocks:
        if moment := re.search(r"^# clock: (.*)$", block, re.M):
            now = datetime.fromisoformat(moment.group(1))
            at(now)
        if state := re.search(r"^# state: (.*)$", block, re.M):
            with database.writing() as records:
                moved = records.get_one(Application, application.id)
                move(records, moved, State(state.group(1)), Actor.REPLY, now)
        if said := re.search(r"^> (.*)$", block, re.M):
            answers.append(says(said.group(1)))
    return answers
