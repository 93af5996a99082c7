"""The door of an application's states: what follows from a move, and who is told."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from config.city import load_city
from config.city_parts import Quiet
from config.locales import Texts
from models.application_states import Actor, State
from models.applications import Application, ForbiddenMove, events_of
from models.database import Database
from models.lifecycle import BANK_ACTIVATED, BANK_NOT_ACTIVATED, Lifecycle, matter_of
from models.notices import Notice
from tests.models.making import KEYS, NOW, PHONE, make_application, make_person, new_id

CITY = load_city()
LIFE = Lifecycle(KEYS, CITY, Texts.load(CITY), new_id)
PATH = (
    (State.UNDER_REVIEW, Actor.OFFICER),
    (State.APPROVED, Actor.OFFICER),
    (State.SENT_TO_PROVINCE, Actor.BATCH),
    (State.PROVINCE_CHECKING, Actor.REPLY),
    (State.BANK_OPENING, Actor.REPLY),
    (State.IN_PRODUCTION, Actor.REPLY),
    (State.PRODUCED, Actor.REPLY),
    (State.READY_FOR_PICKUP, Actor.REPLY),
    (State.COLLECTED, Actor.OFFICER),
    (State.ACTIVATED, Actor.OFFICER),
)


def made(records: Records, **other: Any) -> Application:
    answers = {"name": "陈国强", "phone": PHONE}
    application = make_application(records, make_person(records), answers=answers, **other)
    application.branch = "ABC-01"
    return application


def told(records: Records, application: Application) -> list[tuple[str, dict[str, str]]]:
    mine = select(Notice).where(Notice.matter == matter_of(application)).order_by(Notice.seq)
    payloads = [notice.open_payload(KEYS) for notice in records.scalars(mine)]
    return [(payload["name"], payload["params"]) for payload in payloads]


def test_every_step_to_the_hand_is_told_once_and_noted_with_who_and_why(
    database: Database,
) -> None:
    with database.writing() as records:
        application = made(records)
        for state, actor in PATH:
            LIFE.advance(records, application, state, actor, NOW, by="staff:1", reason="CODE")
        names = [name for name, _ in told(records, application)]
        events = events_of(records, application.id)[1:]
    assert names == [
        "approved", "sent_to_province", "in_production", "ready", "collected", "activated",
    ]  # fmt: skip
    assert [(e.to_state, e.actor, e.by, e.reason) for e in events] == [
        (state.value, actor.value, "staff:1", "CODE") for state, actor in PATH
    ]


def test_a_later_notice_of_the_matter_replaces_what_nobody_has_seen(database: Database) -> None:
    with database.writing() as records:
        application = made(records)
        for state, actor in PATH[:3]:
            LIFE.advance(records, application, state, actor, NOW, by="staff:1")
        waiting = select(Notice.state).where(Notice.matter == matter_of(application))
        assert list(records.scalars(waiting.order_by(Notice.seq))) == ["replaced", "queued"]


def test_ready_names_the_branch_with_what_one_must_know(database: Database) -> None:
    with database.writing() as records:
        application = made(records)
        for state, actor in PATH[:8]:
            LIFE.advance(records, application, state, actor, NOW, by="reply:f")
        name, params = told(records, application)[-1]
    branch = CITY.branch("ABC-01")
    assert name == "ready"
    assert (params["branch"], params["address"]) == (branch.name, branch.address)


def test_card_and_bank_have_statuses_of_their_own(database: Database) -> None:
    with database.writing() as records:
        application = made(records)
        seen = []
        for state, actor in PATH:
            LIFE.advance(records, application, state, actor, NOW, by="x")
            seen.append((application.card_status, application.bank_status))
        LIFE.bank_activated(records, application, Actor.REPLY, NOW, by="reply:f")
        assert application.bank_status == BANK_ACTIVATED
        assert events_of(records, application.id)[-1].kind == "bank_activated"
    assert seen[4] == ("", "")
    assert seen[5] == ("", BANK_NOT_ACTIVATED)
    assert seen[7] == ("0", BANK_NOT_ACTIVATED)
    assert seen[9] == ("1", BANK_NOT_ACTIVATED)


def test_what_is_returned_has_a_day_and_what_comes_back_new_promises(database: Database) -> None:
    with database.writing() as records:
        application = made(records)
        LIFE.advance(records, application, State.UNDER_REVIEW, Actor.OFFICER, NOW, by="staff:1")
        LIFE.advance(records, application, State.RETURNED, Actor.OFFICER, NOW, by="staff:1")
        until = application.correct_by
        assert until is not None
        assert (until - NOW.astimezone(CITY.tz).date()).days == CITY.days.correction
        application.promise_review_by = date(2000, 1, 1)
        LIFE.advance(records, application, State.RESUBMITTED, Actor.CITIZEN, NOW, by="", quiet=True)
        today = NOW.astimezone(CITY.tz).date()
        assert application.correct_by is None
        assert application.promise_review_by == CITY.promise(today, CITY.days.review)
        assert [name for name, _ in told(records, application)] == ["returned"]


def test_a_forbidden_move_changes_and_tells_nothing(database: Database) -> None:
    with database.writing() as records:
        application = made(records)
        with pytest.raises(ForbiddenMove):
            LIFE.advance(records, application, State.APPROVED, Actor.OFFICER, NOW, by="staff:1")
        assert (application.state, told(records, application)) == ("SUBMITTED", [])


@pytest.mark.parametrize(
    ("happens", "leaves"),
    [
        ("2026-11-23T20:59", "2026-11-23T20:59"),
        ("2026-11-23T21:00", "2026-11-24T08:00"),
        ("2026-11-24T00:30", "2026-11-24T08:00"),
        ("2026-11-24T07:59", "2026-11-24T08:00"),
        ("2026-11-24T08:00", "2026-11-24T08:00"),
    ],
)
def test_nobody_is_written_to_at_night(
    sqlite_database: Database, happens: str, leaves: str
) -> None:
    def local(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=CITY.tz)

    with sqlite_database.writing() as records:
        application = made(records)
        LIFE.tell(records, application, "late", local(happens))
        (waiting,) = records.scalars(select(Notice))
        assert waiting.due_at == local(leaves)
        LIFE.tell(records, application, "late", local(happens), at_once=True)
        at_once = records.scalars(select(Notice).order_by(Notice.seq.desc())).first()
        assert at_once is not None and at_once.due_at == local(happens)


def test_quiet_hours_may_lie_within_a_day_or_not_be() -> None:
    noon = datetime(2026, 11, 23, 12, 30, tzinfo=CITY.tz)
    assert Quiet(from_hour=12, until_hour=14).ends(noon) == noon.replace(hour=14, minute=0)
    assert Quiet(from_hour=13, until_hour=14).ends(noon) == noon
    assert Quiet(from_hour=12, until_hour=12).ends(noon) == noon
