"""The year of birth beside sealed identity numbers, of rows from before it was kept."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import load_only

from models.database import Database
from models.id_numbers import birth_year
from models.people import Person
from models.sealing import Keyring, SealError

BATCH = 500


def fill_birth_years(database: Database, keys: Keyring) -> int:
    """Write it where it is missing and the number says it, in batches by the row's id; safe to
    repeat while the service runs. A number that does not open is left alone. Returns how many."""
    count, last = 0, ""
    while people := _after(database, last):
        last = people[-1].id
        count += _write(database, _years(people, keys))
    return count


def _after(database: Database, last: str) -> Sequence[Person]:
    """A page of everybody: a statement over a whole table of those without would take too long."""
    needed = load_only(Person.id, Person.id_number, Person.birth_year)
    page = select(Person).options(needed).where(Person.id > last).order_by(Person.id).limit(BATCH)
    with database.reading() as records:
        return records.scalars(page).all()


def _years(people: Sequence[Person], keys: Keyring) -> dict[str, int]:
    found: dict[str, int] = {}
    for person in people:
        if person.birth_year is not None:
            continue
        try:
            year = birth_year(person.open_id_number(keys))
        except SealError:
            continue
        if year is not None:
            found[person.id] = year
    return found


def _write(database: Database, years: dict[str, int]) -> int:
    if not years:
        return 0
    people = Person.__table__
    written = (
        update(Person)
        .where(people.c.id == bindparam("its_id"), people.c.birth_year.is_(None))
        .values(birth_year=bindparam("year"))
    )
    rows = [{"its_id": person, "year": year} for person, year in sorted(years.items())]
    with database.writing() as records:
        records.connection().execute(written, rows)
    return len(rows)
