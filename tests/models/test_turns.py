"""The fence: one result per update, whoever comes second adopts it."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as Records

from models.audit import AuditEvent, audit
from models.database import Database
from models.turns import (
    DeadLetter,
    TurnTaken,
    add_dead_letter,
    add_turn,
    find_turn,
    forget_turns,
    place_of_dead_letter,
)
from tests.models.making import ACCOUNT, DAY, KEYS, NOW, new_id


def test_a_result_is_found_by_account_and_update(database: Database) -> None:
    with database.writing() as records:
        add_turn(records, ACCOUNT, "m1", b"result", NOW)
    with database.reading() as records:
        assert find_turn(records, ACCOUNT, "m1") == b"result"
        assert find_turn(records, ACCOUNT, "m2") is None
        assert find_turn(records, "wechat:wx1:other", "m1") is None


def test_the_second_of_two_loses_everything_it_wrote(database: Database) -> None:
    with database.writing() as records:
        add_turn(records, ACCOUNT, "m1", b"first", NOW)
    second = database.begin_writing()
    audit(second, actor="x", act="x", subject="x", reason="x", now=NOW)
    with pytest.raises(TurnTaken):
        add_turn(second, ACCOUNT, "m1", b"second", NOW)
    second.rollback()
    assert find_turn(second, ACCOUNT, "m1") == b"first"
    assert second.scalar(select(AuditEvent.id)) is None
    second.close()


def test_a_rival_that_has_not_committed_yet_is_waited_for(database: Database) -> None:
    first = database.begin_writing()
    add_turn(first, ACCOUNT, "m1", b"first", NOW)
    outcome: list[str] = []

    def rival() -> None:
        try:
            with database.writing() as records:
                add_turn(records, ACCOUNT, "m1", b"second", NOW)
            outcome.append("added")
        except TurnTaken:
            outcome.append("taken")

    thread = threading.Thread(target=rival)
    thread.start()
    thread.join(0.3)
    assert outcome == []
    first.commit()
    first.close()
    thread.join()
    assert outcome == ["taken"]


def test_a_fault_of_the_turns_own_records_is_not_taken_for_a_rival(database: Database) -> None:
    letter = new_id()
    with database.writing() as records:
        _bury(records, letter)
    records = database.begin_writing()
    _bury(records, letter)
    with pytest.raises(IntegrityError):
        add_turn(records, ACCOUNT, "m1", b"x", NOW)
    records.close()


def test_a_dead_letter_keeps_the_update_and_the_names_of_faults(database: Database) -> None:
    letter = new_id()
    with database.writing() as records:
        _bury(records, letter)
    with database.reading() as records:
        kept = records.get_one(DeadLetter, letter)
    assert KEYS.open(kept.update, place_of_dead_letter(letter)) == b"update"
    assert len(kept.fault) == 500


def test_old_results_are_forgotten(database: Database) -> None:
    with database.writing() as records:
        add_turn(records, ACCOUNT, "old", b"x", NOW)
        add_turn(records, ACCOUNT, "new", b"x", NOW + DAY)
        assert forget_turns(records, NOW + DAY) == 1
        assert find_turn(records, ACCOUNT, "old") is None
        assert find_turn(records, ACCOUNT, "new") == b"x"


def _bury(records: Records, letter: str) -> None:
    add_dead_letter(
        records,
        letter_id=letter,
        account=ACCOUNT,
        update_id="m1",
        update=KEYS.seal(b"update", place_of_dead_letter(letter)),
        fault="ProcessDied " * 100,
        at=NOW,
    )
