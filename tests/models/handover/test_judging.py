"""Lines of reply files: where each leads, and the same end in whatever order they come."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise, permutations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from models.application_states import Actor, State, may_move
from models.applications import Application, events_of, parcel_of
from models.database import Database
from models.handover import judging
from models.handover.batches import BatchLine
from models.handover.replies import Reply
from models.handover.stages import CHAIN, MEANINGS, road
from tests.models.handover.making import LIFE, approved, cut, judge, notices, sent, told
from tests.models.making import KEYS, NOW

WAY = (
    ("PROVINCE", "TAKEN", "PROVINCE_CHECKING"),
    ("PROVINCE", "OK", "BANK_OPENING"),
    ("BANK", "OK", "IN_PRODUCTION"),
    ("FACTORY", "OK", "IN_PRODUCTION"),
    ("CENTRE", "OK", "PRODUCED"),
    ("BRANCH", "ARRIVED", "READY_FOR_PICKUP"),
    ("BRANCH", "COLLECTED", "COLLECTED"),
    ("BRANCH", "ACTIVATED", "ACTIVATED"),
)


def test_each_stage_moves_the_application_and_tells_the_person_once(database: Database) -> None:
    with database.writing() as records:
        application = sent(records)
        for minute, (stage, result, state) in enumerate(WAY):
            assert judge(records, told(application, stage, result, minute)) == []
            assert application.state == state
        moved = [event for event in events_of(records, application.id) if event.actor == "reply"]
        assert {event.by for event in moved} == {"reply:SBK_119900_20261126_0001_ANS"}
        assert notices(records, application) == [
            "sent_to_province", "in_production", "ready", "collected", "activated",
        ]  # fmt: skip


def test_one_line_carries_over_all_that_is_missing_and_tells_the_last_alone(
    database: Database,
) -> None:
    with database.writing() as records:
        application = sent(records)
        judge(records, told(application, "BRANCH", "ARRIVED"))
        states = [event.to_state for event in events_of(records, application.id)]
        assert states[-5:] == [state.value for state in CHAIN[1:6]]
        assert notices(records, application) == ["sent_to_province", "ready"]


def test_a_line_told_again_changes_nothing(database: Database) -> None:
    with database.writing() as records:
        application = sent(records)
        line = told(application, "CENTRE", "OK")
        assert judge(records, line, line) == []
        before = len(events_of(records, application.id))
        assert judge(records, line) == []
        assert len(events_of(records, application.id)) == before
        assert len(records.scalars(select(Reply)).all()) == 1


LINES = (
    ("PROVINCE", "TAKEN", 1),
    ("PROVINCE", "OK", 2),
    ("FACTORY", "FAIL", 3),
    ("FACTORY", "OK", 4),
    ("CENTRE", "OK", 5),
    ("BRANCH", "ARRIVED", 6),
)


def test_any_order_of_any_files_ends_the_same(sqlite_database: Database) -> None:
    chance = random.Random(1)
    orders = chance.sample(list(permutations(LINES)), 20)
    with sqlite_database.writing() as records:
        applications = [approved(records) for _ in orders]
        assert cut(records) is not None
        for application, order in zip(applications, orders, strict=True):
            lines = [told(application, *line) for line in order]
            faults = []
            for line in lines if chance.random() < 0.5 else chance.choices(lines, k=4) + lines:
                faults += judge(records, line)
            assert (faults, application.state) == ([], "READY_FOR_PICKUP"), order


class Uncaught(Exception):
    """In the place of ForbiddenMove: whoever tries a forbidden move is found out."""


def test_whatever_is_told_the_log_and_the_state_agree(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Any lines, in any order, contradictions among them: each is taken or reported, and nobody
    tries a move that is not in the table."""
    monkeypatch.setattr(judging, "ForbiddenMove", Uncaught)
    chance = random.Random(7)
    kinds = list(MEANINGS)
    with sqlite_database.writing() as records:
        applications = [approved(records, delivery=d) for d in ("pickup", "post") * 20]
        assert cut(records) is not None
        for application in applications:
            handed = judge(records, told(application, "PROVINCE", "OK", 0.5))
            assert handed == []
            application.state_since = NOW
        records.flush()
        while cut(records, "bank") is not None:
            pass
        for application in applications:
            for _ in range(5):
                lines = [
                    told(application, *chance.choice(kinds), chance.randint(0, 9)) for _ in "ab"
                ]
                source = chance.choice(("province", "bank"))
                faults = judge(records, *lines, source=source)  # type: ignore[arg-type]
                assert {fault.code for fault in faults} <= {"conflict"}
            moves = [e for e in events_of(records, application.id) if e.kind == "moved"]
            assert all(a.to_state == b.from_state for a, b in pairwise(moves))
            assert moves[-1].to_state == application.state


def test_a_forbidden_move_is_a_conflict_of_its_application_alone(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "road", lambda *_, **__: [State.SENT_TO_PROVINCE])
    with sqlite_database.writing() as records:
        one, other = approved(records), approved(records)
        cut(records)
        line, well = told(one, "PROVINCE", "OK"), told(other, "BANK", "ACTIVATED")
        faults = judge(records, line, well)
        assert [(fault.line, fault.code) for fault in faults] == [(line.line, "conflict")]
        assert (one.state, other.bank_status) == ("SENT_TO_PROVINCE", "activated")
        assert one.id not in {reply.application_id for reply in records.scalars(select(Reply))}


def test_a_failure_that_was_overtaken_moves_nothing_and_tells_nothing(database: Database) -> None:
    with database.writing() as records:
        application = sent(records)
        judge(records, told(application, "FACTORY", "OK", 5))
        judge(records, told(application, "FACTORY", "FAIL", 4))
        assert application.state == "IN_PRODUCTION"
        judge(records, told(application, "FACTORY", "FAIL", 6))
        assert application.state == "PRODUCTION_FAILED"
        judge(records, told(application, "FACTORY", "OK", 5.5))
        assert application.state == "PRODUCTION_FAILED"
        judge(records, told(application, "FACTORY", "OK", 7))
        assert application.state == "IN_PRODUCTION"


def test_the_person_hears_of_the_second_failure_and_staff_look_at_the_third(
    database: Database,
) -> None:
    with database.writing() as records:
        application = sent(records)
        judge(records, told(application, "CENTRE", "FAIL", 1, "C01"))
        assert "production_failed" not in notices(records, application)
        judge(records, told(application, "FACTORY", "FAIL", 2, "F01"))
        assert notices(records, application).count("production_failed") == 1
        assert application.state == "PRODUCTION_FAILED"
        judge(records, told(application, "FACTORY", "FAIL", 3, "F02"))
        assert application.state == "ON_HOLD"
        assert events_of(records, application.id)[-1].reason == "F02"
        assert notices(records, application).count("production_failed") == 1


def test_three_failures_in_one_file_are_three(database: Database) -> None:
    with database.writing() as records:
        application = sent(records)
        judge(records, *(told(application, "FACTORY", "FAIL", minute) for minute in (3, 1, 2)))
        assert application.state == "ON_HOLD"


def test_what_is_told_of_a_case_with_staff_is_a_conflict_and_may_come_again(
    database: Database,
) -> None:
    with database.writing() as records:
        application = sent(records)
        judge(records, *(told(application, "FACTORY", "FAIL", minute) for minute in (1, 2, 3)))
        assert [f.code for f in judge(records, told(application, "CENTRE", "OK", 4))] == [
            "conflict"
        ]
        assert judge(records, told(application, "PROVINCE", "OK", 0)) == []
        assert application.state == "ON_HOLD"


def test_a_failure_after_the_success_it_contradicts_is_a_conflict(database: Database) -> None:
    with database.writing() as records:
        application = sent(records)
        judge(records, told(application, "CENTRE", "OK", 1))
        faults = judge(records, told(application, "PROVINCE", "FAIL", 2, "P01"))
        assert [fault.code for fault in faults] == ["conflict"]
        assert application.state == "PRODUCED"


@pytest.mark.parametrize("destination", ["province", "bank"])
def test_what_failed_waits_for_a_person(database: Database, destination: str) -> None:
    with database.writing() as records:
        application = sent(records)
        stage, state = ("PROVINCE", "PROVINCE_RETURNED")
        if destination == "bank":
            judge(records, told(application, "PROVINCE", "OK"))
            application.state_since = NOW
            records.flush()
            assert cut(records, "bank") is not None
            stage, state = ("BANK", "BANK_FAILED")
        source = "bank" if destination == "bank" else "province"
        judge(records, told(application, stage, "FAIL", 2, "X01", text="名不符"), source=source)  # type: ignore[arg-type]
        assert application.state == state
        assert events_of(records, application.id)[-1].reason == "X01"
        later = judge(records, told(application, "FACTORY", "OK", 3))
        assert [fault.code for fault in later] == ["conflict"]
        assert not records.scalars(select(BatchLine).where(BatchLine.open)).all()


def refused_and_elsewhere(records: Records) -> Application:
    """Its bank has refused it, and its person has chosen another."""
    application = sent(records)
    judge(records, told(application, "PROVINCE", "OK"))
    application.state_since = NOW
    records.flush()
    cut(records, "bank")
    judge(records, told(application, "BANK", "FAIL", 2), source="bank")
    application.bank, application.branch = "ABC", "ABC-01"
    return application


def test_after_a_change_of_bank_the_old_banks_answers_count_no_more(database: Database) -> None:
    with database.writing() as records:
        application = refused_and_elsewhere(records)
        later = NOW.replace(hour=20)
        LIFE.advance(records, application, State.BANK_OPENING, Actor.CITIZEN, NOW, by="person")
        batch = cut(records, "bank", now=later)
        assert batch is not None
        assert (batch.receiver, batch.kind) == ("bank:ABC", "REP")
        judge(records, told(application, "BANK", "OK", 3), source="bank")
        judge(records, told(application, "BANK", "FAIL", 4, "late"), source="bank")
        assert application.state == "BANK_OPENING"
        judge(records, told(application, "BANK", "OK", 18 * 60), source="bank")
        assert application.state == "IN_PRODUCTION"


@pytest.mark.parametrize(("result", "minute"), [("OK", 3), ("FAIL", 5), ("OK", 60)])
def test_until_the_new_bank_is_asked_no_banks_answer_counts(
    database: Database, result: str, minute: int
) -> None:
    with database.writing() as records:
        application = refused_and_elsewhere(records)
        later = NOW + timedelta(minutes=10)
        LIFE.advance(records, application, State.BANK_OPENING, Actor.CITIZEN, later, by="person")
        heard = notices(records, application)
        assert judge(records, told(application, "BANK", result, minute), source="bank") == []
        assert (application.state, notices(records, application)) == ("BANK_OPENING", heard)
        assert cut(records, "bank", now=NOW + timedelta(days=1)) is not None


def test_the_banks_side_is_a_flag_of_its_own(database: Database) -> None:
    with database.writing() as records:
        application = sent(records)
        judge(records, told(application, "PROVINCE", "OK"))
        application.state_since = NOW
        records.flush()
        cut(records, "bank")
        line = told(application, "BANK", "ACTIVATED", 3)
        judge(records, line, told(application, "BANK", "OK", 2), source="bank")
        judge(records, told(application, "BANK", "ACTIVATED", 9), source="bank")
        kinds = [event.kind for event in events_of(records, application.id)]
        assert (application.bank_status, application.state) == ("activated", "IN_PRODUCTION")
        assert kinds.count("bank_activated") == 1


MAIL = (
    ("MAIL", "SENT", 1, "MAILED"),
    ("MAIL", "RETURNED", 2, "MAIL_RETURNED"),
    ("MAIL", "SENT", 3, "MAILED"),
    ("MAIL", "DELIVERED", 4, "COLLECTED"),
)


def test_a_parcel_goes_comes_back_and_goes_again(database: Database) -> None:
    with database.writing() as records:
        application = sent(records, delivery="post")
        for number, (stage, result, minute, state) in enumerate(MAIL):
            judge(records, told(application, stage, result, minute, parcel=f"E{number}"))
            assert application.state == state
        assert parcel_of(events_of(records, application.id)) == "E2"
        logged = [(e.to_state, e.detail.get("parcel")) for e in events_of(records, application.id)]
        assert logged[-4:] == [
            ("MAILED", "E0"), ("MAIL_RETURNED", None), ("MAILED", "E2"), ("COLLECTED", None),
        ]  # fmt: skip


@pytest.mark.parametrize("order", list(permutations(MAIL))[::3])
def test_a_parcels_lines_in_any_order_end_with_the_card_in_the_hand(
    sqlite_database: Database, order: tuple[tuple[str, str, int, str], ...]
) -> None:
    with sqlite_database.writing() as records:
        application = sent(records, delivery="post")
        for stage, result, minute, _ in order:
            judge(records, told(application, stage, result, minute))
        assert application.state == "COLLECTED"


def test_a_returned_parcel_may_lie_at_a_branch(database: Database) -> None:
    with database.writing() as records:
        application = sent(records, delivery="post")
        judge(records, told(application, "MAIL", "SENT", 1))
        judge(records, told(application, "BRANCH", "ARRIVED", 3))
        judge(records, told(application, "MAIL", "RETURNED", 2))
        assert application.state == "READY_FOR_PICKUP"


def test_unknown_applications_and_those_never_handed_over_are_reported(database: Database) -> None:
    with database.writing() as records:
        waiting, mine = approved(records), approved(records)
        waiting.state_since = NOW.replace(hour=23)
        records.flush()
        cut(records)
        lines = [
            told("f" * 32, "PROVINCE", "OK"),
            told(waiting, "PROVINCE", "OK"),
            told(mine, "PROVINCE", "OK"),
        ]
        faults = judge(records, *lines)
        assert [(fault.line, fault.code) for fault in faults] == [
            (lines[0].line, "unknown_application"),
            (lines[1].line, "not_handed_over"),
        ]
        assert mine.state == "BANK_OPENING"


def test_a_line_that_stands_twice_and_cannot_be_taken_is_reported_twice(
    database: Database,
) -> None:
    with database.writing() as records:
        application = sent(records)
        judge(records, told(application, "CENTRE", "OK", 1))
        line = told(application, "PROVINCE", "FAIL", 2, "P01")
        faults = judge(records, line, replace(line, line=line.line + 1))
        assert [(fault.line, fault.code) for fault in faults] == [
            (line.line, "conflict"),
            (line.line + 1, "conflict"),
        ]


def test_a_bank_that_was_asked_nothing_has_nothing_to_tell(database: Database) -> None:
    with database.writing() as records:
        application = sent(records)
        faults = judge(records, told(application, "BANK", "OK"), source="bank")
        assert [fault.code for fault in faults] == ["not_handed_over"]
        assert application.state == "SENT_TO_PROVINCE"


def test_what_offices_write_is_sealed(database: Database) -> None:
    with database.writing() as records:
        application = sent(records)
        judge(
            records,
            told(application, "PROVINCE", "FAIL", text="陈国强姓名不符", account_tail="0019"),
        )
        reply = records.scalars(select(Reply)).one()
        assert "陈国强".encode() not in reply.told
        assert reply.open(KEYS)["text"] == "陈国强姓名不符"


def test_every_road_is_made_of_moves_that_a_reply_may_make() -> None:
    targets = {meaning.target for meaning in MEANINGS.values() if meaning.target}
    for start in State:
        for target in targets:
            for by_post in (True, False):
                states = [start, *(road(start, target, by_post=by_post) or [])]
                for here, there in pairwise(states):
                    assert may_move(here, there, Actor.REPLY), (start, target, here, there)
