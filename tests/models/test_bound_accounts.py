"""One person, many accounts: which they are, since when, and letting one go from another."""

from __future__ import annotations

from models.database import Database
from models.people import (
    accounts_of,
    bind,
    find_account,
    person_of,
    unbind_other,
)
from models.uses import note_use, used_lately
from tests.models.making import ACCOUNT, DAY, NOW, OTHER_NUMBER, make_person

ALIPAY = "alipay:2021000000000001:2088000000000001"
STRANGER = "web:site:stranger"


def test_a_persons_accounts_are_listed_the_earliest_first(database: Database) -> None:
    with database.writing() as records:
        person = make_person(records)
        bind(records, ALIPAY, person.id, NOW + DAY)
        bind(records, ACCOUNT, person.id, NOW)
        bind(records, STRANGER, make_person(records, id_number=OTHER_NUMBER).id, NOW)
        bind(records, ACCOUNT, person.id, NOW + 2 * DAY)
        found = [(a.key, a.bound_at) for a in accounts_of(records, person.id)]
    assert found == [(ACCOUNT, NOW), (ALIPAY, NOW + DAY)]


def test_one_account_lets_another_of_the_same_person_go(database: Database) -> None:
    with database.writing() as records:
        person = make_person(records)
        other = bind(records, ALIPAY, person.id, NOW)
        bind(records, ACCOUNT, person.id, NOW)
        assert unbind_other(records, ACCOUNT, other.id)
        assert person_of(records, ALIPAY) is None
        assert [a.key for a in accounts_of(records, person.id)] == [ACCOUNT]
        assert not unbind_other(records, ACCOUNT, other.id)


def test_nobody_lets_go_an_account_of_somebody_else(database: Database) -> None:
    with database.writing() as records:
        theirs = bind(records, STRANGER, make_person(records, id_number=OTHER_NUMBER).id, NOW)
        mine = bind(records, ACCOUNT, make_person(records).id, NOW)
        assert not unbind_other(records, ACCOUNT, theirs.id)
        assert not unbind_other(records, ACCOUNT, mine.id)
        assert not unbind_other(records, "web:site:nobody", theirs.id)
        assert not unbind_other(records, ACCOUNT, "0" * 32)
        assert person_of(records, STRANGER) is not None


def test_that_an_account_is_used_is_noted_once_a_day(database: Database) -> None:
    with database.writing() as records:
        bind(records, ACCOUNT, make_person(records).id, NOW)
        row = find_account(records, ACCOUNT)
        assert row is not None
        assert used_lately(row, NOW + DAY / 2)
        assert not used_lately(row, NOW + DAY)
        note_use(records, ACCOUNT, NOW + DAY)
        assert used_lately(row, NOW + DAY)
        assert row.bound_at == NOW
