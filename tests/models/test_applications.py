"""Applications: submitted once, moved by the table, their events only ever added."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from models.acceptance_numbers import with_number
from models.application_states import CLOSED, Actor, State
from models.applications import (
    AlreadyOpen,
    Application,
    ApplicationEvent,
    ForbiddenMove,
    NumberTaken,
    applications_of,
    events_of,
    find_application,
    move,
    open_answers,
    open_application_of,
    replace_answers,
)
from models.consents import consents_of, give_consent
from models.database import Database
from models.documents import Document, FileObjects, add_document
from models.drafts import open_drafts, start_draft
from tests.models.making import (
    ACCOUNT,
    DAY,
    KEYS,
    NOW,
    OTHER_NUMBER,
    make_application,
    make_person,
    new_id,
)


def test_a_submitted_application_is_found_with_its_answers_and_its_first_event(
    database: Database,
) -> None:
    answers = {"name": "陈国强", "bank": "CCB", "valid_until": "long_term"}
    with database.writing() as records:
        made = make_application(records, make_person(records), answers=answers, bank="CCB")
    with database.reading() as records:
        found = find_application(records, made.number)
        assert found is not None
        assert (found.state, found.round, found.bank) == ("SUBMITTED", 1, "CCB")
        assert open_answers(found, KEYS) == answers
        events = events_of(records, found.id)
    assert [(e.actor, e.from_state, e.to_state, e.at) for e in events] == [
        ("citizen", "DRAFT", "SUBMITTED", NOW)
    ]


def test_what_belongs_to_the_draft_goes_with_the_application(database: Database) -> None:
    with database.writing() as records:
        draft = start_draft(
            records, draft_id=new_id(), account=ACCOUNT, form="card", expires_at=NOW + DAY, now=NOW
        )
        give_consent(
            records,
            consent_id=new_id(),
            account=ACCOUNT,
            draft_id=draft.id,
            kind="general",
            text_version="1",
            text="告知",
            locale="zh_CN",
            now=NOW,
        )
        made = make_application(records, make_person(records), draft_id=draft.id)
    with database.reading() as records:
        assert open_drafts(records, ACCOUNT, NOW) == []
        assert [c.application_id for c in consents_of(records, draft.id)] == [made.id]


def test_a_draft_submitted_twice_gives_the_same_application(database: Database) -> None:
    draft = new_id()
    with database.writing() as records:
        person = make_person(records)
        first = make_application(records, person, draft_id=draft)
        again = make_application(records, person, draft_id=draft)
        assert again.id == first.id
        assert len(events_of(records, first.id)) == 1


def test_a_proven_holder_has_one_open_application(database: Database) -> None:
    with database.writing() as records:
        person = make_person(records)
        first = make_application(records, person)
        with pytest.raises(AlreadyOpen) as raised:
            make_application(records, person)
        assert raised.value.application_id == first.id
        assert open_application_of(records, person.id) is first


def test_the_transaction_goes_on_after_a_refused_application(database: Database) -> None:
    with database.writing() as records:
        person = make_person(records)
        make_application(records, person)
        with pytest.raises(AlreadyOpen):
            make_application(records, person)
        make_application(records, make_person(records, id_number=OTHER_NUMBER))
    with database.reading() as records:
        assert records.scalar(select(func.count()).select_from(Application)) == 2


def test_an_unproven_duplicate_is_accepted_for_staff_to_decide(database: Database) -> None:
    with database.writing() as records:
        person = make_person(records)
        make_application(records, person)
        claimed = make_application(records, person, holder_proven=False, contested=True)
        assert claimed.contested
        make_application(records, person, holder_proven=False, contested=True)


@pytest.mark.parametrize("state", sorted(CLOSED))
def test_after_a_closed_application_the_holder_may_hand_in_another(
    sqlite_database: Database, state: State
) -> None:
    with sqlite_database.writing() as records:
        person = make_person(records)
        make_application(records, person).state = state.value
        records.flush()
        assert open_application_of(records, person.id) is None
        make_application(records, person)


@pytest.mark.parametrize("state", sorted(set(State) - CLOSED - {State.DRAFT}))
def test_in_every_other_state_the_database_itself_refuses_a_second(
    sqlite_database: Database, state: State
) -> None:
    with sqlite_database.writing() as records:
        person = make_person(records)
        make_application(records, person).state = state.value
        records.flush()
        with pytest.raises(AlreadyOpen):
            make_application(records, person)


def test_two_submits_at_the_same_moment_leave_one(database: Database) -> None:
    with database.writing() as records:
        person = make_person(records)
    together = Barrier(6)

    def hand_in(_: int) -> str:
        together.wait()
        try:
            with database.writing() as records:
                return make_application(records, person).id
        except AlreadyOpen as refused:
            return refused.application_id

    with ThreadPoolExecutor(6) as threads:
        named = set(threads.map(hand_in, range(6)))
    with database.reading() as records:
        stored = records.scalars(select(Application.id)).all()
        assert len(stored) == 1
        assert named == set(stored)
        assert records.scalar(select(func.count()).select_from(ApplicationEvent)) == 1


def test_one_draft_submitted_at_the_same_moment_by_several_gives_one_number(
    database: Database,
) -> None:
    with database.writing() as records:
        person = make_person(records)
    draft, together = new_id(), Barrier(6)

    def hand_in(_: int) -> str:
        together.wait()
        with database.writing() as records:
            return make_application(records, person, draft_id=draft).number

    with ThreadPoolExecutor(6) as threads:
        assert len(set(threads.map(hand_in, range(6)))) == 1


def test_a_number_that_exists_is_refused_by_name(database: Database) -> None:
    with database.writing() as records:
        make_application(records, make_person(records), number="YZ2611230731")
        other = make_person(records, id_number=OTHER_NUMBER)
        with pytest.raises(NumberTaken):
            make_application(records, other, number="YZ2611230731")


def test_a_number_taken_at_the_same_moment_is_drawn_again(database: Database) -> None:
    taken = "YZ2611230731"
    drawn = iter([taken, taken, "YZ2611239402", *[taken] * 3])
    with database.writing() as records:
        make_application(records, make_person(records), number=taken)
        other = make_person(records, id_number=OTHER_NUMBER)

        def hand_in(number: str) -> Application:
            return make_application(records, other, number=number)

        assert with_number(lambda: next(drawn), hand_in).number == "YZ2611239402"
        with pytest.raises(NumberTaken):
            with_number(lambda: next(drawn), hand_in)


def test_a_submit_keeps_the_named_documents_alone(database: Database, tmp_path: Path) -> None:
    objects, draft = FileObjects(tmp_path), new_id()
    with database.writing() as records:
        ids = [new_id(), new_id()]
        for document in ids:
            add_document(
                records, KEYS, objects, document_id=document, kind="id_photo", image=b"a photo",
                media_type="image/jpeg", width=3, height=2, draft_id=draft,
                expires_at=NOW + DAY, now=NOW,
            )  # fmt: skip
        made = make_application(records, make_person(records), draft_id=draft, documents=ids[:1])
    with database.reading() as records:
        kept, gone = (records.get_one(Document, document) for document in ids)
    assert (kept.application_id, kept.expires_at) == (made.id, None)
    assert (gone.application_id, gone.expires_at) == (None, NOW)


def test_a_fault_that_is_no_conflict_is_not_hidden(database: Database) -> None:
    with pytest.raises(IntegrityError), database.writing() as records:
        make_application(records, make_person(records), holder_id="nobody")


def test_a_move_changes_the_state_and_adds_an_event(database: Database) -> None:
    later = NOW + timedelta(hours=3)
    with database.writing() as records:
        made = make_application(records, make_person(records))
        move(records, made, State.UNDER_REVIEW, Actor.OFFICER, later)
        move(records, made, State.RETURNED, Actor.OFFICER, later, reasons=["PHOTO"])
        move(records, made, State.RESUBMITTED, Actor.CITIZEN, later + DAY)
    with database.reading() as records:
        found = records.get_one(Application, made.id)
        assert (found.state, found.state_since, found.round) == ("RESUBMITTED", later + DAY, 2)
        events = events_of(records, made.id)
    assert [event.to_state for event in events] == [
        "SUBMITTED",
        "UNDER_REVIEW",
        "RETURNED",
        "RESUBMITTED",
    ]
    assert events[2].detail == {"reasons": ["PHOTO"]}


def test_a_released_claim_is_no_new_round(database: Database) -> None:
    with database.writing() as records:
        made = make_application(records, make_person(records))
        for to in (State.UNDER_REVIEW, State.RESUBMITTED):
            move(records, made, to, Actor.OFFICER, NOW)
        assert made.round == 1


def test_a_forbidden_move_is_refused_and_leaves_nothing(database: Database) -> None:
    with database.writing() as records:
        made = make_application(records, make_person(records))
        with pytest.raises(ForbiddenMove):
            move(records, made, State.ACTIVATED, Actor.OFFICER, NOW)
        with pytest.raises(ForbiddenMove):
            move(records, made, State.UNDER_REVIEW, Actor.CITIZEN, NOW)
        assert made.state == "SUBMITTED"
        assert len(events_of(records, made.id)) == 1


def test_two_officers_cannot_both_move_what_they_both_read(database: Database) -> None:
    with database.writing() as records:
        made = make_application(records, make_person(records))
    with database.reading() as records:
        stale = records.get_one(Application, made.id)
    with database.writing() as records:
        move(records, records.get_one(Application, made.id), State.CANCELLED, Actor.CITIZEN, NOW)
    with pytest.raises(ForbiddenMove, match="meanwhile"), database.writing() as records:
        move(records, stale, State.UNDER_REVIEW, Actor.OFFICER, NOW)


def test_replaced_answers_are_noted_by_field_without_their_values(database: Database) -> None:
    with database.writing() as records:
        made = make_application(records, make_person(records), answers={"phone": "1", "bank": "A"})
        answers = {"phone": "2", "bank": "A", "branch": "B"}
        replace_answers(records, KEYS, made, answers, Actor.CITIZEN, NOW)
    with database.reading() as records:
        assert open_answers(records.get_one(Application, made.id), KEYS) == answers
        event = events_of(records, made.id)[-1]
    assert (event.kind, event.detail) == ("answers_replaced", {"fields": ["branch", "phone"]})


@pytest.mark.parametrize(
    "act", [delete(ApplicationEvent), update(ApplicationEvent).values(actor="x")]
)
def test_events_can_be_neither_changed_nor_deleted(database: Database, act: object) -> None:
    with database.writing() as records:
        made = make_application(records, make_person(records))
    with pytest.raises(DBAPIError, match="append-only"), database.writing() as records:
        records.execute(act)  # type: ignore[call-overload]
    with database.reading() as records:
        assert [event.actor for event in events_of(records, made.id)] == ["citizen"]


def test_applications_are_listed_by_account_and_by_person_newest_first(
    database: Database,
) -> None:
    with database.writing() as records:
        own = make_person(records)
        child = make_person(records, id_number=OTHER_NUMBER)
        first = make_application(records, own)
        second = make_application(records, child, applicant_id=own.id, now=NOW + DAY)
        other = make_application(
            records, child, account="wechat:wx1:other", holder_proven=False, now=NOW + DAY * 2
        )
    with database.reading() as records:
        by_account = [a.id for a in applications_of(records, account=ACCOUNT)]
        by_person = [a.id for a in applications_of(records, person_id=child.id)]
        assert by_account == [second.id, first.id]
        assert by_person == [other.id, second.id]
        assert applications_of(records) == []
