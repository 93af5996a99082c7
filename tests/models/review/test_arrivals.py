"""How applications come before the officers: their lane and why, second rounds, changes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session as Records

from models.application_states import Actor, State
from models.applications import Application, replace_answers
from models.database import Database
from models.returns import Finding
from models.review.applying import apply_due
from models.review.arrivals import hand_in, place_missing, set_lane_again
from models.review.claims import claim, end_claims, next_for, release
from models.review.items import Lane, ReviewItem, Status, Task, find_item
from models.review.lanes import differing
from models.review.rounds import Change, answers_of_round, difference, forget_rounds
from models.review.verdicts import Kind, Verdict
from models.staff import Staff
from tests.models.making import (
    DAY,
    KEYS,
    NOW,
    NUMBER,
    OTHER_NUMBER,
    SECOND,
    make_application,
    make_person,
)
from tests.models.review.making import (
    CITY,
    EAST,
    FINE,
    LIFE,
    SOON,
    WEST,
    decided,
    handed_in,
    officer,
)

READ = FINE["checks"]["read"]
OWN = {"source": "own", "document": "none"}


def checks(**other: Any) -> dict[str, Any]:
    return {"checks": {**FINE["checks"], **other}}


@pytest.mark.parametrize(
    ("change", "lane", "reason"),
    [
        ({}, Lane.AGREES, "identity_match"),
        ({"portrait": OWN | {"measures": [{"ok": True}]}}, Lane.AGREES, "portrait_fine"),
        ({"portrait": OWN | {"measures": [{"ok": False}]}}, Lane.LOOK, "portrait_faulty"),
        ({"portrait": OWN}, Lane.LOOK, "portrait_unmeasured"),
        (
            {"portrait": OWN | {"measures": [{"ok": True}, {"ok": None}]}},
            Lane.LOOK,
            "portrait_unmeasured",
        ),
        (checks(identity="unavailable"), Lane.LOOK, "identity_unchecked"),
        (checks(read=None), Lane.LOOK, "not_read"),
        (checks(read=READ | {"name": "陈国张"}), Lane.LOOK, "read_differs"),
        ({"lives_at": ""}, Lane.LOOK, "address_unknown"),
        (checks(identity="mismatch"), Lane.DIFFICULT, "identity_mismatch"),
        (checks(identity="not_found"), Lane.DIFFICULT, "identity_not_found"),
        ({"name": "陈䶮"}, Lane.DIFFICULT, "rare_character"),
    ],
)
def test_the_lane_follows_from_what_was_checked(
    sqlite_database: Database, change: dict[str, Any], lane: Lane, reason: str
) -> None:
    with sqlite_database.writing() as records:
        item = find_item(records, handed_in(records, answers={**FINE, **change}).id)
        assert item is not None
        assert (item.lane, reason in item.reasons) == (lane, True)


def test_a_read_people_or_address_is_compared_as_it_is_meant() -> None:
    said = {"ethnicity": "01", "id_address": "云州市 人民路1号", "valid_until": "long_term"}
    read = {"ethnicity": "汉", "id_address": "云州市人民路1号", "valid_until": "long_term"}
    assert differing({**said, "checks": {"read": read}}) == []
    read["ethnicity"] = "回"
    assert differing({**said, "checks": {"read": read}}) == ["ethnicity"]


def test_what_becomes_contested_later_becomes_difficult(sqlite_database: Database) -> None:
    with sqlite_database.writing() as records:
        application = handed_in(records)
        application.contested = True
        set_lane_again(records, KEYS, CITY, application)
        item = find_item(records, application.id)
        assert item is not None and (item.lane, item.reasons[0]) == (Lane.DIFFICULT, "contested")


def test_handing_in_twice_is_one_stay(sqlite_database: Database) -> None:
    with sqlite_database.writing() as records:
        application = handed_in(records)
        hand_in(records, KEYS, CITY, application, NOW)
        assert records.get_one(ReviewItem, application.id).stay == 1


def sent_back(database: Database) -> tuple[Staff, str]:
    with database.writing() as records:
        staff, application = officer(records, EAST), handed_in(records)
        claim(records, LIFE, staff, application.id, NOW)
        finding = Finding("PHOTO_BG", "portrait")
        decided(records, staff, application, Verdict(Kind.RETURN, (finding,)))
    assert apply_due(database, LIFE, SOON) == 1
    return staff, application.id


def mended(records: Records, application_id: str) -> Application:
    """The person sends another portrait."""
    application = records.get_one(Application, application_id)
    answers = {**FINE, "portrait": OWN, "checks": {"identity": "match"}}
    replace_answers(records, KEYS, application, answers, Actor.CITIZEN, SOON)
    LIFE.advance(records, application, State.RESUBMITTED, Actor.CITIZEN, SOON, by="")
    return application


def test_a_second_round_is_for_who_sent_it_back_for_a_day_and_then_for_all(
    database: Database,
) -> None:
    staff, application_id = sent_back(database)
    with database.writing() as records:
        application = mended(records, application_id)
        item = records.get_one(ReviewItem, application_id)
        assert (item.status, item.holder, item.stay) == (Status.RESERVED, staff.id, 2)
        assert (item.lane, item.promised) == (Lane.DIFFICULT, application.promise_review_by)
        assert next_for(records, LIFE, officer(records), SOON) is None
        until = item.until
        assert until is not None
    assert end_claims(database, LIFE, until - SECOND) == 0
    assert end_claims(database, LIFE, until) == 1
    with database.writing() as records:
        other = next_for(records, LIFE, officer(records), until)
        assert other is not None and other.application_id == application_id


def test_ones_own_second_rounds_come_before_everything_else(database: Database) -> None:
    staff, application_id = sent_back(database)
    with database.writing() as records:
        mended(records, application_id)
        older = handed_in(records)
        got = [next_for(records, LIFE, staff, SOON) for _ in range(2)]
        assert [item and item.application_id for item in got] == [application_id, older.id]


@pytest.mark.parametrize("change", [{"active": False}, {"districts": [WEST]}, {"roles": []}])
def test_a_second_round_of_who_may_not_take_it_any_more_is_everybodys(
    sqlite_database: Database, change: dict[str, Any]
) -> None:
    staff, application_id = sent_back(sqlite_database)
    with sqlite_database.writing() as records:
        gone = records.get_one(Staff, staff.id)
        for name, value in change.items():
            setattr(gone, name, value)
        mended(records, application_id)
        assert records.get_one(ReviewItem, application_id).status == Status.WAITING


def test_a_claim_that_ends_leaves_the_promise_of_a_second_round(sqlite_database: Database) -> None:
    staff, application_id = sent_back(sqlite_database)
    with sqlite_database.writing() as records:
        promise = mended(records, application_id).promise_review_by
        item = next_for(records, LIFE, staff, SOON)
        assert item is not None and item.until is not None
        until = item.until
    assert end_claims(sqlite_database, LIFE, until + 7 * DAY) == 1
    with sqlite_database.reading() as records:
        application = records.get_one(Application, application_id)
        assert (application.state, application.round) == (State.RESUBMITTED, 2)
        assert application.promise_review_by == promise


def test_what_was_changed_is_shown_and_what_was_looked_at_is_kept_sealed(
    database: Database,
) -> None:
    _, application_id = sent_back(database)
    with database.writing() as records:
        assert difference(records, KEYS, records.get_one(Application, application_id)) == []
        application = mended(records, application_id)
        changed = [Change("portrait", FINE["portrait"], OWN)]
        assert difference(records, KEYS, application) == changed
        assert answers_of_round(records, KEYS, application_id, 1) == FINE
        assert answers_of_round(records, KEYS, application_id, 2) is None


def test_earlier_answers_are_forgotten_some_days_after_the_end(database: Database) -> None:
    _, application_id = sent_back(database)
    with database.writing() as records:
        assert forget_rounds(records, NOW + 900 * DAY) == 0
        application = records.get_one(Application, application_id)
        LIFE.advance(records, application, State.CANCELLED, Actor.CITIZEN, NOW + DAY, by="")
        assert forget_rounds(records, NOW + DAY) == 0
        assert forget_rounds(records, NOW + DAY + SECOND) == 1
        assert answers_of_round(records, KEYS, application_id, 1) is None


CHECKED = (
    (State.UNDER_REVIEW, Actor.OFFICER),
    (State.APPROVED, Actor.OFFICER),
    (State.SENT_TO_PROVINCE, Actor.BATCH),
    (State.PROVINCE_CHECKING, Actor.REPLY),
)


def test_what_the_province_sends_back_is_a_task_with_a_day_of_its_own(
    sqlite_database: Database,
) -> None:
    with sqlite_database.writing() as records:
        application = handed_in(records)
        for state, actor in CHECKED:
            LIFE.advance(records, application, state, actor, NOW, by="staff:x")
        assert records.get_one(ReviewItem, application.id).status == Status.GONE
        late = NOW + 30 * DAY
        LIFE.advance(records, application, State.PROVINCE_RETURNED, Actor.REPLY, late, by="reply:1")
        item = records.get_one(ReviewItem, application.id)
        assert (item.task, item.lane, item.status) == (Task.PROVINCE, Lane.DIFFICULT, "waiting")
        today = late.astimezone(CITY.tz).date()
        assert today < item.promised < today + timedelta(days=9)
        claim(records, LIFE, staff := officer(records), application.id, late)
        assert application.state == State.UNDER_REVIEW
        release(records, LIFE, staff, application.id, late)
        assert (application.state, item.status) == (State.UNDER_REVIEW, Status.WAITING)
        again = next_for(records, LIFE, officer(records), late)
        assert again is item


def test_what_stood_there_before_the_queue_is_put_into_it_once(database: Database) -> None:
    with database.writing() as records:
        application = make_application(records, make_person(records), district=EAST)
    assert place_missing(database, KEYS, CITY, NOW) == 1
    assert place_missing(database, KEYS, CITY, NOW) == 0
    with database.reading() as records:
        assert records.get_one(ReviewItem, application.id).status == Status.WAITING


def test_one_that_cannot_be_placed_holds_up_no_other(sqlite_database: Database) -> None:
    with sqlite_database.writing() as records:
        bad, good = (
            make_application(records, make_person(records, id_number=each), district=EAST)
            for each in (NUMBER, OTHER_NUMBER)
        )
        bad.answers = b"unreadable"
    assert place_missing(sqlite_database, KEYS, CITY, NOW) == 1
    with sqlite_database.reading() as records:
        assert records.get_one(ReviewItem, good.id).status == Status.WAITING
