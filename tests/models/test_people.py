"""People by their number, accounts by their key, and what a mere claim may not change."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from models.database import Database
from models.people import (
    Account,
    Person,
    Proof,
    account_of,
    act_for,
    bind,
    find_account,
    find_person,
    holders_of,
    keep_person,
    person_of,
    phone_index,
    unbind,
)
from tests.models.making import (
    ACCOUNT,
    DAY,
    KEYS,
    NOW,
    NUMBER,
    OTHER_NUMBER,
    PHONE,
    make_person,
)


def test_an_account_is_made_once_and_found_again(database: Database) -> None:
    with database.writing() as records:
        first = account_of(records, ACCOUNT, NOW)
        assert account_of(records, ACCOUNT, NOW + DAY).id == first.id
        assert (first.key, first.created_at, first.followed) == (ACCOUNT, NOW, True)
        assert find_account(records, "wechat:wx1:another") is None


def test_an_account_made_by_two_at_the_same_moment_is_one(database: Database) -> None:
    def make(_: int) -> str:
        with database.writing() as records:
            return account_of(records, ACCOUNT, NOW).id

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(make, range(24)))) == 1


def test_a_person_is_found_by_the_number_and_opens_for_the_keys(database: Database) -> None:
    with database.writing() as records:
        made = make_person(records)
    with database.reading() as records:
        found = find_person(records, KEYS, NUMBER)
        assert find_person(records, KEYS, OTHER_NUMBER) is None
    assert found is not None
    assert found.id == made.id
    assert found.open_name(KEYS) == "陈国强"
    assert found.open_id_number(KEYS) == NUMBER
    assert found.open_phone(KEYS) == PHONE
    assert found.phone_index == phone_index(KEYS, PHONE)


def test_a_person_may_have_no_phone(database: Database) -> None:
    with database.writing() as records:
        assert make_person(records, phone=None).open_phone(KEYS) is None


def test_a_person_made_by_two_at_the_same_moment_is_one(database: Database) -> None:
    def make(_: int) -> str:
        with database.writing() as records:
            return make_person(records).id

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(make, range(24)))) == 1
    with database.reading() as records:
        assert records.scalar(select(func.count()).select_from(Person)) == 1


def test_a_fault_that_is_no_twin_is_not_hidden(database: Database) -> None:
    with pytest.raises(IntegrityError), database.writing() as records:
        taken_id = make_person(records).id
        records.expunge_all()
        keep_person(
            records,
            KEYS,
            person_id=taken_id,
            name="林小禾",
            id_number=OTHER_NUMBER,
            phone=None,
            proof=Proof.CODE,
            now=NOW,
        )


@pytest.mark.parametrize("before", [Proof.CLAIMED, Proof.CODE, Proof.ON_FILE])
@pytest.mark.parametrize("claim", [Proof.CLAIMED, Proof.CODE])
def test_a_mere_claim_changes_nothing_of_a_known_person(
    database: Database, before: Proof, claim: Proof
) -> None:
    with database.writing() as records:
        make_person(records, proof=before)
        person = make_person(records, name="他人", phone="13900009999", proof=claim)
        assert (person.open_name(KEYS), person.open_phone(KEYS)) == ("陈国强", PHONE)
        assert person.phone_proven == before


def test_a_proof_replaces_what_was_claimed(database: Database) -> None:
    with database.writing() as records:
        make_person(records, name="冒名", phone="13900009999", proof=Proof.CODE)
        person = make_person(records, proof=Proof.ON_FILE)
    with database.reading() as records:
        found = records.get_one(Person, person.id)
    assert (found.open_name(KEYS), found.open_phone(KEYS)) == ("陈国强", PHONE)
    assert found.phone_proven == Proof.ON_FILE


def test_a_weaker_proof_does_not_replace_a_stronger_one(database: Database) -> None:
    with database.writing() as records:
        make_person(records, proof=Proof.REAL_NAME)
        person = make_person(records, phone="13900009999", proof=Proof.ON_FILE)
        assert person.open_phone(KEYS) == PHONE
        assert person.phone_proven == Proof.REAL_NAME


def test_an_account_is_bound_and_let_go(database: Database) -> None:
    with database.writing() as records:
        person = make_person(records)
        assert person_of(records, ACCOUNT) is None
        bind(records, ACCOUNT, person.id, NOW)
        found = person_of(records, ACCOUNT)
        assert found is not None
        assert found.id == person.id
        unbind(records, ACCOUNT)
        assert person_of(records, ACCOUNT) is None
        unbind(records, "wechat:wx1:nobody")


def test_an_account_acts_for_several_people(database: Database) -> None:
    with database.writing() as records:
        child = make_person(records, name="林小禾", id_number=OTHER_NUMBER, phone=None)
        own = make_person(records)
        act_for(records, ACCOUNT, own.id, "self", NOW)
        act_for(records, ACCOUNT, child.id, "other", NOW + DAY)
        act_for(records, ACCOUNT, child.id, "child", NOW + DAY)
    with database.reading() as records:
        held = [(h.person_id, h.relation) for h in holders_of(records, ACCOUNT)]
        assert held == [(own.id, "self"), (child.id, "child")]
        assert holders_of(records, "wechat:wx1:nobody") == []
        assert records.scalar(select(func.count()).select_from(Account)) == 1
