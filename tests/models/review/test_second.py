"""The second pair of eyes: another person confirms a refusal, or looks again."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session as Records

from models.application_states import State
from models.applications import Application
from models.database import Database
from models.returns import Finding
from models.review.applying import apply_due
from models.review.claims import claim, next_for
from models.review.decisions import (
    CONFIRM,
    SECOND_LOOK,
    Decision,
    Settled,
    decide,
    put_down,
    undo,
)
from models.review.items import Lane, find_item
from models.review.second import (
    SamePerson,
    confirm,
    decline,
    is_drawn,
    take_back,
    waiting_for_second,
)
from models.review.verdicts import Kind, Verdict
from models.staff import Staff
from tests.models.making import DAY, KEYS, NOW, SECOND, new_id
from tests.models.review.making import (
    APPROVED,
    EAST,
    LIFE,
    REASONS,
    SOON,
    WEST,
    decided,
    handed_in,
    officer,
)

PAUSED = Verdict(Kind.HOLD, until=date(2026, 11, 26))
REFUSED = Verdict(Kind.REFUSE, (Finding("DUPLICATE", "id_number"),))


def refused(records: Records) -> tuple[Staff, Application, Decision]:
    staff, application = officer(records, EAST), handed_in(records)
    claim(records, LIFE, staff, application.id, NOW)
    return staff, application, decided(records, staff, application, REFUSED)


def drawn(records: Records) -> tuple[Staff, Application, Decision]:
    staff, application = officer(records, EAST), handed_in(records)
    item = claim(records, LIFE, staff, application.id, NOW)
    decision = put_down(
        records, LIFE, item, staff, APPROVED, NOW, new_id(), wants=SECOND_LOOK, batch=new_id()
    )
    return staff, application, decision


def state(database: Database, application_id: str) -> str:
    with database.reading() as records:
        return records.get_one(Application, application_id).state


def test_a_refusal_waits_for_a_second_person_without_limit(database: Database) -> None:
    with database.writing() as records:
        staff, application, decision = refused(records)
        assert waiting_for_second(records, staff, CONFIRM) == []
        with pytest.raises(SamePerson):
            confirm(records, LIFE, staff, decision.id, NOW)
    assert apply_due(database, LIFE, NOW + 400 * DAY) == 0
    with database.writing() as records:
        other = officer(records)
        (waiting,) = waiting_for_second(records, other, CONFIRM)
        confirm(records, LIFE, other, waiting.id, NOW)
        assert waiting_for_second(records, officer(records), CONFIRM) == []
        with pytest.raises(Settled):
            confirm(records, LIFE, officer(records), decision.id, NOW)
    assert apply_due(database, LIFE, SOON - SECOND) == 0
    assert apply_due(database, LIFE, SOON) == 1
    assert state(database, application.id) == State.REFUSED


def test_who_confirmed_and_who_refused_can_both_take_it_back_for_a_minute(
    database: Database,
) -> None:
    with database.writing() as records:
        staff, application, decision = refused(records)
        other = officer(records)
        confirm(records, LIFE, other, decision.id, NOW)
        with pytest.raises(Settled):
            take_back(records, officer(records), decision.id, NOW)
        take_back(records, other, decision.id, SOON - SECOND)
        assert waiting_for_second(records, other, CONFIRM) == [decision]
        confirm(records, LIFE, other, decision.id, NOW)
        with pytest.raises(Settled):
            take_back(records, other, decision.id, SOON)
        undo(records, LIFE, staff, decision.id, SOON - SECOND)
    assert apply_due(database, LIFE, SOON) == 0
    assert state(database, application.id) == State.UNDER_REVIEW


def test_what_a_second_person_does_not_refuse_waits_for_the_first(database: Database) -> None:
    with database.writing() as records:
        staff, application, decision = refused(records)
        with pytest.raises(SamePerson):
            decline(records, LIFE, staff, decision.id, NOW)
        decline(records, LIFE, other := officer(records), decision.id, NOW)
        assert (decision.dropped_by, application.state) == (other.id, State.SUBMITTED)
        assert next_for(records, LIFE, other, NOW) is None
        again = next_for(records, LIFE, staff, NOW)
        assert again is not None and again.application_id == application.id
        decided(records, staff, application, APPROVED)


def test_the_second_person_is_of_the_district(sqlite_database: Database) -> None:
    with sqlite_database.writing() as records:
        _, _, decision = refused(records)
        west = officer(records, WEST)
        assert waiting_for_second(records, west, CONFIRM) == []
        with pytest.raises(Settled):
            confirm(records, LIFE, west, decision.id, NOW)


def test_what_was_drawn_goes_on_when_another_person_agrees(sqlite_database: Database) -> None:
    with sqlite_database.writing() as records:
        staff, application, decision = drawn(records)
        other = officer(records)
        assert waiting_for_second(records, staff, SECOND_LOOK) == []
        assert waiting_for_second(records, other, CONFIRM) == []
        assert waiting_for_second(records, other, SECOND_LOOK) == [decision]
    assert apply_due(sqlite_database, LIFE, NOW + DAY) == 0
    with sqlite_database.writing() as records:
        confirm(records, LIFE, other, decision.id, NOW)
    assert apply_due(sqlite_database, LIFE, SOON) == 1
    assert state(sqlite_database, application.id) == State.APPROVED


def test_what_does_not_pass_the_second_look_is_everybodys_and_difficult(
    sqlite_database: Database,
) -> None:
    with sqlite_database.writing() as records:
        _, application, decision = drawn(records)
        other = officer(records)
        decline(records, LIFE, other, decision.id, NOW)
        item = next_for(records, LIFE, other, NOW)
        assert item is not None and item.application_id == application.id
        assert (item.lane, item.reasons[-1]) == (Lane.DIFFICULT, "second_look_declined")
        assert find_item(records, application.id) is item


@pytest.mark.parametrize("fallen", ["undone", "put aside", "declined"])
def test_a_second_look_is_not_dodged_by_deciding_again(
    sqlite_database: Database, fallen: str
) -> None:
    with sqlite_database.writing() as records:
        staff, application, decision = drawn(records)
        if fallen == "declined":
            decline(records, LIFE, officer(records), decision.id, NOW)
            claim(records, LIFE, staff, application.id, NOW)
        else:
            undo(records, LIFE, staff, decision.id, NOW)
        if fallen == "put aside":
            decided(records, staff, application, PAUSED)
    apply_due(sqlite_database, LIFE, SOON)
    with sqlite_database.writing() as records:
        claim(records, LIFE, staff, application.id, SOON)
        again = decide(records, LIFE, REASONS, staff, application.id, APPROVED, SOON)
        assert waiting_for_second(records, officer(records), SECOND_LOOK) == [again]
    assert apply_due(sqlite_database, LIFE, SOON + DAY) == 0


def test_an_ordinary_decision_wants_no_second_person(sqlite_database: Database) -> None:
    with sqlite_database.writing() as records:
        staff, application = officer(records), handed_in(records)
        claim(records, LIFE, staff, application.id, NOW)
        decision = decided(records, staff, application)
        with pytest.raises(Settled):
            confirm(records, LIFE, officer(records), decision.id, NOW)


def test_the_draw_takes_the_share_and_cannot_be_told_from_the_id() -> None:
    ids = [f"{number:032x}" for number in range(4000)]
    chosen = {one for one in ids if is_drawn(KEYS, one, 0.05)}
    assert 140 < len(chosen) < 260
    assert not any(is_drawn(KEYS, one, 0) for one in ids[:200])
    assert all(is_drawn(KEYS, one, 1) for one in ids[:200])
    others = {one for one in ids if is_drawn(type(KEYS)([(1, b"d" * 32)], b"j" * 32), one, 0.05)}
    assert len(chosen & others) < len(chosen) / 4
