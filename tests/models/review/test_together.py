"""Those where everything agrees: claimed together, looked at, approved with one key."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session as Records

from models.application_states import State
from models.applications import Application
from models.database import Database
from models.review.applying import apply_due
from models.review.claims import NotHeld, claim
from models.review.decisions import SECOND_LOOK, Settled
from models.review.second import waiting_for_second
from models.review.together import (
    NotOpened,
    agreeing,
    approve_together,
    not_opened,
    opened,
    undo_together,
)
from models.staff import Staff
from tests.models.making import NOW, new_id
from tests.models.review.making import CITY, LIFE, SOON, handed_in, officer
from tests.models.review.test_decisions import picture

NEVER = replace(LIFE, city=replace(CITY, review=replace(CITY.review, second_look=0)))
ALWAYS = replace(LIFE, city=replace(CITY, review=replace(CITY.review, second_look=1)))


def some(records: Records, count: int) -> tuple[Staff, list[str], list[str]]:
    """An officer, applications that agree, and the picture of each."""
    ids, pictures = [handed_in(records).id for _ in range(count)], []
    for application_id in ids:
        records.add(picture(new := new_id(), application_id))
        pictures.append(new)
    records.flush()
    return officer(records), ids, pictures


def test_ten_are_claimed_at_once_and_those_one_has_count(sqlite_database: Database) -> None:
    with sqlite_database.writing() as records:
        staff, ids, _ = some(records, 12)
        difficult = handed_in(records, answers={"name": "䶮"})
        claim(records, LIFE, staff, ids[3], NOW)
        got = {item.application_id for item in agreeing(records, LIFE, staff, NOW)}
        assert len(got) == CITY.review.batch
        assert ids[3] in got and difficult.id not in got
        assert {item.application_id for item in agreeing(records, LIFE, staff, NOW)} == got
        rest = agreeing(records, LIFE, officer(records), NOW)
        assert {item.application_id for item in rest} == set(ids) - got


def test_only_what_stood_on_the_screen_is_approved_and_else_none(database: Database) -> None:
    with database.writing() as records:
        staff, ids, pictures = some(records, 3)
        agreeing(records, LIFE, staff, NOW)
        for one in pictures[:2]:
            opened(records, staff, one, NOW)
            opened(records, staff, one, NOW)
        opened(records, officer(records), pictures[2], NOW)  # another's eyes
        with pytest.raises(NotOpened) as missing:
            approve_together(records, NEVER, staff, ids, NOW)
        assert missing.value.missing == {ids[2]: [pictures[2]]}
    assert apply_due(database, LIFE, SOON) == 0
    with database.writing() as records:
        opened(records, staff, pictures[2], NOW)
        assert not_opened(records, staff, ids) == {}
        assert len(approve_together(records, NEVER, staff, ids, NOW)) == 3
    assert apply_due(database, LIFE, SOON) == 3
    with database.reading() as records:
        states = {records.get_one(Application, one).state for one in ids}
        assert states == {State.APPROVED}


def test_one_key_takes_all_of_them_back(database: Database) -> None:
    with database.writing() as records:
        staff, ids, pictures = some(records, 3)
        agreeing(records, LIFE, staff, NOW)
        for one in pictures:
            opened(records, staff, one, NOW)
        (first, *_) = approve_together(records, NEVER, staff, ids, NOW)
        assert first.batch is not None
        assert len(undo_together(records, LIFE, staff, first.batch, NOW)) == 3
        with pytest.raises(Settled):
            undo_together(records, LIFE, staff, first.batch, NOW)
        approve_together(records, NEVER, staff, ids, NOW)


def test_what_is_drawn_waits_for_another_persons_look(sqlite_database: Database) -> None:
    with sqlite_database.writing() as records:
        staff, ids, pictures = some(records, 2)
        agreeing(records, LIFE, staff, NOW)
        for one in pictures:
            opened(records, staff, one, NOW)
        approve_together(records, ALWAYS, staff, ids, NOW)
        assert len(waiting_for_second(records, officer(records), SECOND_LOOK)) == 2
    assert apply_due(sqlite_database, LIFE, SOON) == 0


def test_neither_the_difficult_nor_anothers_are_approved_together(
    sqlite_database: Database,
) -> None:
    with sqlite_database.writing() as records:
        staff, (mine, anothers), _ = some(records, 2)
        difficult = handed_in(records, answers={"name": "䶮"}).id
        claim(records, LIFE, officer(records), anothers, NOW)
        for one in (mine, difficult):
            claim(records, LIFE, staff, one, NOW)
        for ids in ([mine, anothers], [mine, difficult], [new_id() for _ in range(11)]):
            with pytest.raises(NotHeld):
                approve_together(records, NEVER, staff, ids, NOW)
