"""Years of birth are written beside the sealed numbers of earlier rows."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from models import births
from models.births import fill_birth_years
from models.database import Database
from models.people import Person
from tests.models.making import KEYS, NEWER_KEYS, NUMBER, OTHER_NUMBER, make_person

FOREIGN = "CHN110085061500"
TAIWAN = "830000199201300022"


@pytest.mark.parametrize("batch", [1, 2, 500])
def test_the_years_that_numbers_say_are_written_once(
    database: Database, batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(births, "BATCH", batch)
    with database.writing() as records:
        people = {
            number: make_person(records, id_number=number).id
            for number in (NUMBER, OTHER_NUMBER, TAIWAN, FOREIGN)
        }
        records.execute(update(Person).values(birth_year=None))
        records.execute(update(Person).where(Person.id == people[TAIWAN]).values(birth_year=1900))
    assert fill_birth_years(database, KEYS) == 2
    assert fill_birth_years(database, KEYS) == 0
    with database.reading() as records:
        years = dict(records.execute(select(Person.id, Person.birth_year)).all())
    assert {number: years[person] for number, person in people.items()} == {
        NUMBER: 1990,
        OTHER_NUMBER: 2018,
        TAIWAN: 1900,
        FOREIGN: None,
    }


def test_a_number_that_does_not_open_stops_nobody_elses(database: Database) -> None:
    with database.writing() as records:
        closed = make_person(records, id_number=NUMBER)
        closed.id_number = b"\x00" * 40
        make_person(records, id_number=OTHER_NUMBER)
        records.flush()
        records.execute(update(Person).values(birth_year=None))
    assert fill_birth_years(database, NEWER_KEYS) == 1
