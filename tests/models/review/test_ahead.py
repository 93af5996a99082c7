"""The case after this one is kept for who has its pictures, for a few minutes."""

from __future__ import annotations

from models.database import Database
from models.review.ahead import KEPT, keep_ahead
from models.review.claims import end_claims, next_for, peek
from tests.models.making import NOW
from tests.models.review.making import EAST, LIFE, handed_in, officer


def test_what_is_loaded_ahead_is_nobody_else_s_next(database: Database) -> None:
    with database.writing() as records:
        first, second = handed_in(records).id, handed_in(records).id
        one, other = officer(records, EAST), officer(records, EAST)
        assert keep_ahead(records, one, NOW) == first
        assert keep_ahead(records, one, NOW) == first  # again changes nothing
        assert keep_ahead(records, other, NOW) == second
        assert (peek(records, one), peek(records, other)) == (first, second)
        assert keep_ahead(records, officer(records, EAST), NOW) is None
        found = [next_for(records, LIFE, staff, NOW) for staff in (other, one)]
        assert [item.application_id for item in found if item] == [second, first]


def test_whoever_does_not_come_for_it_has_it_for_a_few_minutes(database: Database) -> None:
    with database.writing() as records:
        only = handed_in(records).id
        one, other = officer(records, EAST), officer(records, EAST)
        keep_ahead(records, one, NOW)
        assert next_for(records, LIFE, other, NOW) is None
    assert end_claims(database, LIFE, NOW + KEPT) == 1
    with database.writing() as records:
        item = next_for(records, LIFE, other, NOW + KEPT)
        assert item is not None
        assert item.application_id == only


def test_two_who_press_next_at_once_do_not_wait_for_each_other(postgres_database: Database) -> None:
    """Each has claimed one and looks for another while the other's claim is not written yet. SQLite
    has one writer in any case."""
    with postgres_database.writing() as records:
        first, second, third = (handed_in(records).id for _ in range(3))
        one, other = officer(records, EAST), officer(records, EAST)
    with postgres_database.writing() as ones, postgres_database.writing() as others:
        claimed = next_for(ones, LIFE, one, NOW), next_for(others, LIFE, other, NOW)
        assert [item.application_id for item in claimed if item] == [first, second]
        assert keep_ahead(ones, one, NOW) == third
        assert keep_ahead(others, other, NOW) is None
