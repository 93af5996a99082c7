"""What is decided waits, can be undone, and takes effect once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from models.application_states import Actor, State
from models.applications import Application, events_of
from models.database import Database
from models.documents import Document
from models.lifecycle import Lifecycle, matter_of
from models.notices import Notice
from models.returns import Finding, open_return
from models.review import applying
from models.review.applying import apply_due
from models.review.claims import NotHeld, claim, end_claims, next_for
from models.review.decisions import (
    Decision,
    Settled,
    can_be_undone,
    decide,
    decisions_of,
    undo,
)
from models.review.items import ReviewItem, Status
from models.review.second import confirm
from models.review.verdicts import ALLOWED, ENDS, Kind, Verdict, VerdictFault
from models.staff import Staff
from tests.models.making import KEYS, NOW, SECOND, new_id
from tests.models.review.making import (
    APPROVED,
    CITY,
    LIFE,
    MINUTE,
    REASONS,
    SOON,
    decided,
    handed_in,
    officer,
    pressed,
)

GREY = Finding("PHOTO_BG", "portrait")
TWICE = Finding("DUPLICATE", "id_number")
BACK = Verdict(Kind.RETURN, (GREY,))
PAUSED = Verdict(Kind.HOLD, until=date(2026, 11, 26))


def claimed(records: Records) -> tuple[Staff, Application]:
    staff, application = officer(records), handed_in(records)
    claim(records, LIFE, staff, application.id, NOW)
    return staff, application


def seen(database: Database, application_id: str) -> tuple[str, str]:
    """The state of the application, and of its row."""
    with database.reading() as records:
        application = records.get_one(Application, application_id)
        return application.state, records.get_one(ReviewItem, application_id).status


def notices(records: Records, application: Application) -> int:
    mine = select(Notice.id).where(Notice.matter == matter_of(application))
    return len(records.scalars(mine).all())


def test_a_decision_moves_and_tells_nothing_for_a_minute(database: Database) -> None:
    with database.writing() as records:
        staff, application = claimed(records)
        decided(records, staff, application)
    assert apply_due(database, LIFE, SOON - SECOND) == 0
    assert seen(database, application.id) == (State.UNDER_REVIEW, Status.DECIDED)
    assert apply_due(database, LIFE, SOON) == 1
    assert apply_due(database, LIFE, SOON) == 0
    assert seen(database, application.id) == (State.APPROVED, Status.GONE)
    with database.reading() as records:
        event = events_of(records, application.id)[-1]
        assert (event.to_state, event.by) == (State.APPROVED, staff.by)
        assert notices(records, application) == 1


def test_what_was_undone_can_be_decided_otherwise(database: Database) -> None:
    with database.writing() as records:
        staff, application = claimed(records)
        decision = decided(records, staff, application)
        assert can_be_undone(records, staff, NOW) == [decision]
        undo(records, LIFE, staff, decision.id, SOON - SECOND)
        assert can_be_undone(records, staff, NOW) == []
        decided(records, staff, application, BACK)
    assert apply_due(database, LIFE, SOON) == 1
    assert seen(database, application.id) == (State.RETURNED, Status.GONE)
    with database.reading() as records:
        kinds = [(d.kind, d.dropped_by) for d in decisions_of(records, application.id)]
        assert sorted(kinds) == [("approve", staff.id), ("return", None)]


def test_what_is_in_effect_cannot_be_undone_even_before_it_is_applied(database: Database) -> None:
    with database.writing() as records:
        staff, application = claimed(records)
        decision = decided(records, staff, application)
        with pytest.raises(Settled):
            undo(records, LIFE, staff, decision.id, SOON)
        assert can_be_undone(records, staff, SOON) == []
        with pytest.raises(Settled):
            undo(records, LIFE, officer(records), decision.id, NOW)
        with pytest.raises(Settled):
            undo(records, LIFE, staff, "0" * 32, NOW)


def test_what_was_undone_is_over(database: Database) -> None:
    with database.writing() as records:
        staff, application = claimed(records)
        decision = decided(records, staff, application, Verdict(Kind.REFUSE, (TWICE,)))
        undo(records, LIFE, staff, decision.id, NOW)
        with pytest.raises(Settled):
            undo(records, LIFE, staff, decision.id, NOW)
        with pytest.raises(Settled):
            confirm(records, LIFE, officer(records), decision.id, NOW)


def test_a_worker_that_was_slow_applies_nothing_again_and_nothing_undone(
    database: Database,
) -> None:
    with database.writing() as records:
        staff, done = claimed(records)
        other, undone = claimed(records)
        late = [(decided(records, staff, done).id, done.id)]
        late += [(decided(records, other, undone).id, undone.id)]
    with database.writing() as records:
        undo(records, LIFE, other, late[1][0], NOW)
    assert apply_due(database, LIFE, SOON) == 1
    assert [applying._apply(database, LIFE, *one, SOON) for one in late] == [False, False]
    assert seen(database, done.id)[0] == State.APPROVED
    assert seen(database, undone.id)[0] == State.UNDER_REVIEW


def test_nobody_decides_twice_or_without_a_claim(database: Database) -> None:
    with database.writing() as records:
        staff, application = claimed(records)
        with pytest.raises(NotHeld):
            decided(records, officer(records), application)
        decided(records, staff, application)
        with pytest.raises(NotHeld):
            decided(records, staff, application)


def test_a_return_says_what_is_to_be_mended_when_it_takes_effect(database: Database) -> None:
    with database.writing() as records:
        staff, application = claimed(records)
        decided(records, staff, application, BACK)
        assert open_return(records, application.id) is None
    apply_due(database, LIFE, SOON)
    with database.reading() as records:
        back = open_return(records, application.id)
        assert back is not None
        assert (back.found(), back.by, back.round) == ([GREY], staff.by, 1)
        assert events_of(records, application.id)[-1].reason == "PHOTO_BG"


def test_what_is_put_aside_comes_back_to_who_did_so(database: Database) -> None:
    with database.writing() as records:
        staff, application = claimed(records)
        decided(records, staff, application, PAUSED)
    apply_due(database, LIFE, SOON)
    assert seen(database, application.id) == (State.ON_HOLD, Status.HELD)
    morning = datetime(2026, 11, 26, tzinfo=CITY.tz)
    assert end_claims(database, LIFE, morning - SECOND) == 0
    assert end_claims(database, LIFE, morning) == 1
    with database.writing() as records:
        assert next_for(records, LIFE, officer(records), morning) is None
        again = next_for(records, LIFE, staff, morning)
        assert again is not None and again.application_id == application.id
        event = events_of(records, application.id)[-1]
        assert (event.from_state, event.to_state) == (State.ON_HOLD, State.UNDER_REVIEW)
        decide(records, LIFE, REASONS, staff, application.id, APPROVED, morning)
    assert apply_due(database, LIFE, morning + MINUTE) == 1
    assert seen(database, application.id)[0] == State.APPROVED


def test_a_decision_must_say_enough_and_nothing_that_cannot_be(sqlite_database: Database) -> None:
    with sqlite_database.writing() as records:
        staff, application = claimed(records)
        mine = new_id()
        records.add(picture(mine, application.id))
        records.add(picture(other := new_id(), new_id()))
        records.flush()
        for verdict, code in (
            (Verdict(Kind.CANCEL), "task"),
            (Verdict(Kind.RETURN), "reasons"),
            (Verdict(Kind.APPROVE, (GREY,)), "reasons"),
            (Verdict(Kind.RETURN, (Finding("NONE", "portrait"),)), "unknown_reason"),
            (Verdict(Kind.RETURN, (Finding("DUPLICATE", "id_number"),)), "outcome"),
            (Verdict(Kind.REFUSE, (GREY,)), "outcome"),
            (Verdict(Kind.RETURN, (Finding("PHOTO_BG", "bank"),)), "field"),
            (marked(other, (0.1, 0.1, 0.2, 0.2)), "document"),
            (marked("", (0.1, 0.1, 0.2, 0.2)), "rectangle"),
            (marked(mine, (0.9, 0.1, 0.2, 0.2)), "rectangle"),
            (marked(mine, (0.1, 0.1, 0.0, 0.2)), "rectangle"),
            (marked(mine, (0.1, float("nan"), 0.1, 0.2)), "rectangle"),
            (Verdict(Kind.HOLD), "date"),
            (Verdict(Kind.HOLD, until=date(2026, 11, 23)), "date"),
            (Verdict(Kind.HOLD, until=date(2027, 11, 23)), "date"),
            (Verdict(Kind.APPROVE, until=date(2026, 11, 26)), "date"),
        ):
            with pytest.raises(VerdictFault) as fault:
                decided(records, staff, application, verdict)
            assert fault.value.code == code, verdict
        decided(records, staff, application, marked(mine, (0.1, 0.1, 0.9, 0.9)))


def marked(document: str, rectangle: tuple[float, float, float, float]) -> Verdict:
    return Verdict(Kind.RETURN, (Finding("PHOTO_BG", "portrait", document, rectangle),))


def picture(document_id: str, application_id: str) -> Document:
    return Document(
        id=document_id,
        application_id=application_id,
        kind="portrait",
        media_type="image/jpeg",
        size=1,
        width=1,
        height=1,
        wrapped_key=b"",
        object_name=document_id,
        created_at=NOW,
    )


def test_every_kind_of_decision_is_allowed_by_the_table_of_moves(sqlite_database: Database) -> None:
    """Each task with each of its decisions, on an application that came that way."""
    for task, kinds in ALLOWED.items():
        for kind in sorted(kinds - {Kind.REFUSE}):
            with sqlite_database.writing() as records:
                staff, application = officer(records), handed_in(records)
                for state, actor in WAYS[task]:
                    LIFE.advance(records, application, state, actor, NOW, by="staff:x")
                claim(records, LIFE, staff, application.id, NOW)
                findings = (GREY,) if kind is Kind.RETURN else ()
                until = PAUSED.until if kind is Kind.HOLD else None
                decided(records, staff, application, Verdict(kind, findings, until))
            assert apply_due(sqlite_database, LIFE, SOON) == 1
            assert seen(sqlite_database, application.id)[0] == ENDS[kind]


_APPROVED = [(State.UNDER_REVIEW, Actor.OFFICER), (State.APPROVED, Actor.OFFICER)]
_CHECKED = [
    *_APPROVED,
    (State.SENT_TO_PROVINCE, Actor.BATCH),
    (State.PROVINCE_CHECKING, Actor.REPLY),
]
_OPENING = [*_CHECKED, (State.BANK_OPENING, Actor.REPLY)]
_SPOILT = [(State.IN_PRODUCTION, Actor.REPLY), (State.PRODUCTION_FAILED, Actor.REPLY)]
WAYS = {
    "review": [],
    "handover": [*_APPROVED, (State.UNDER_REVIEW, Actor.OFFICER)],
    "cancel": [*_APPROVED, (State.CANCEL_REQUESTED, Actor.CITIZEN)],
    "province": [*_CHECKED, (State.PROVINCE_RETURNED, Actor.REPLY)],
    "bank": [*_OPENING, (State.BANK_FAILED, Actor.REPLY)],
    "production": [*_OPENING, *_SPOILT, (State.ON_HOLD, Actor.TIMER)],
}


def test_who_may_not_withdraw_is_told_so_and_keeps_the_promised_day(
    sqlite_database: Database,
) -> None:
    with sqlite_database.writing() as records:
        staff, application = officer(records), handed_in(records)
        for state, actor in WAYS["cancel"]:
            LIFE.advance(records, application, state, actor, NOW, by="staff:x")
        application.promise_card_by = promised = date(2026, 12, 1)
        claim(records, LIFE, staff, application.id, NOW)
        decided(records, staff, application, Verdict(Kind.KEEP))
    assert apply_due(sqlite_database, LIFE, SOON) == 1
    with sqlite_database.reading() as records:
        mine = select(Notice).where(Notice.matter == matter_of(application))
        last = list(records.scalars(mine.order_by(Notice.seq)))[-1]
        assert last.open_payload(KEYS)["name"] == "withdrawal_declined"
        assert records.get_one(Application, application.id).promise_card_by == promised


def test_workers_at_once_apply_each_decision_once(database: Database) -> None:
    with database.writing() as records:
        staff = officer(records)
        for _ in range(12):
            claim(records, LIFE, staff, (one := handed_in(records)).id, NOW)
            decided(records, staff, one)
    with ThreadPoolExecutor(4) as threads:
        counts = list(threads.map(lambda _: apply_due(database, LIFE, SOON), range(4)))
    assert sum(counts) + apply_due(database, LIFE, SOON) == 12
    with database.reading() as records:
        assert len(records.scalars(select(Notice)).all()) == 12


def test_who_dies_while_applying_leaves_nothing_and_the_next_one_does_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.writing() as records:
        staff, application = claimed(records)
        decided(records, staff, application, BACK)

    def die(*_: object, **__: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(Lifecycle, "advance", die)
        with pytest.raises(SystemExit):
            apply_due(database, LIFE, SOON)
    assert seen(database, application.id) == (State.UNDER_REVIEW, Status.DECIDED)
    with database.reading() as records:
        assert open_return(records, application.id) is None
    assert apply_due(database, LIFE, SOON) == 1


def test_what_was_moved_past_the_officers_meanwhile_is_left_alone(database: Database) -> None:
    with database.writing() as records:
        staff, application = claimed(records)
        decided(records, staff, application, BACK)
        LIFE.advance(records, application, State.APPROVED, Actor.OFFICER, NOW, by="staff:x")
        LIFE.advance(records, application, State.SENT_TO_PROVINCE, Actor.BATCH, NOW, by="batch:1")
    assert apply_due(database, LIFE, SOON) == apply_due(database, LIFE, SOON) == 0
    assert seen(database, application.id) == (State.SENT_TO_PROVINCE, Status.GONE)
    with database.reading() as records:
        (decision,) = decisions_of(records, application.id)
        assert (decision.dropped_by, open_return(records, application.id)) == ("elsewhere", None)


def test_one_decision_that_cannot_be_applied_holds_up_no_other(database: Database) -> None:
    with database.writing() as records:
        (staff, bad), (other, good) = claimed(records), claimed(records)
        decided(records, staff, bad).effective_at = SOON - SECOND
        decided(records, other, good)
        bad.answers = b"unreadable"
    assert apply_due(database, LIFE, SOON) == 1
    assert seen(database, good.id) == (State.APPROVED, Status.GONE)
    assert seen(database, bad.id) == (State.UNDER_REVIEW, Status.DECIDED)


def test_a_decision_of_an_earlier_stay_touches_nothing_of_a_later_one(database: Database) -> None:
    with database.writing() as records:
        staff, application = claimed(records)
        earlier = decided(records, staff, application)
        for state, actor in ((State.RETURNED, Actor.OFFICER), (State.RESUBMITTED, Actor.CITIZEN)):
            LIFE.advance(records, application, state, actor, NOW, by="")
        claim(records, LIFE, staff, application.id, NOW)
        with pytest.raises(Settled):
            undo(records, LIFE, staff, earlier.id, NOW)
    assert apply_due(database, LIFE, SOON) == 0
    assert seen(database, application.id) == (State.UNDER_REVIEW, Status.CLAIMED)
    with database.reading() as records:
        assert [each.dropped_by for each in decisions_of(records, application.id)] == ["elsewhere"]


def test_twenty_reviewers_decide_each_application_once(database: Database) -> None:
    """The small one of `python -m benchmarks.soak review`: some also undo and decide again."""
    with database.writing() as records:
        waiting = [handed_in(records).id for _ in range(40)]
        people = [officer(records).id for _ in range(20)]

    def work(staff_id: str) -> None:
        while (decision_id := pressed(database, lambda r: _one(r, staff_id))) is not None:
            if int(decision_id, 16) % 3 == 0:
                pressed(database, partial(_again, staff_id=staff_id, decision_id=decision_id))

    with ThreadPoolExecutor(20) as threads:
        list(threads.map(work, people))
    while apply_due(database, LIFE, SOON):
        pass
    with database.reading() as records:
        applied = records.scalars(select(Decision).where(Decision.applied_at.is_not(None))).all()
        assert sorted(d.application_id for d in applied) == sorted(waiting)
        for decision in applied:
            end = ENDS[Kind(decision.kind)]
            moves = [e.to_state for e in events_of(records, decision.application_id)]
            assert moves == ["SUBMITTED", "UNDER_REVIEW", end]
            assert records.get_one(Application, decision.application_id).state == end


def _one(records: Records, staff_id: str) -> str | None:
    staff = records.get_one(Staff, staff_id)
    item = next_for(records, LIFE, staff, NOW)
    if item is None:
        return None
    return decide(records, LIFE, REASONS, staff, item.application_id, APPROVED, NOW).id


def _again(records: Records, *, staff_id: str, decision_id: str) -> None:
    staff = records.get_one(Staff, staff_id)
    undone = undo(records, LIFE, staff, decision_id, NOW + timedelta(seconds=1))
    decide(records, LIFE, REASONS, staff, undone.application_id, BACK, NOW)
