"""The auditor of the reviewers' soak finds what it is there to find, each fault by its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session as Records

from benchmarks.soak.review_audit import audit_review
from models.application_states import Actor, State
from models.applications import Application, ApplicationEvent, note
from models.database import Database
from models.notices import Notice
from models.review.applying import apply_due
from models.review.claims import claim
from models.review.decisions import Decision, undo
from tests.models.making import NOW, new_id
from tests.models.review.making import LIFE, SOON, decided, handed_in, officer


@dataclass
class Told:
    decided: list[str] = field(default_factory=list)
    undone: list[str] = field(default_factory=list)


def _worked(database: Database) -> Told:
    """Three applications; one was decided, undone and decided again."""
    told = Told()
    with database.writing() as records:
        staff = officer(records)
        for number in range(3):
            claim(records, LIFE, staff, (one := handed_in(records)).id, NOW)
            told.decided.append(decided(records, staff, one).id)
            if number == 0:
                undo(records, LIFE, staff, told.decided[0], NOW)
                told.undone.append(told.decided[0])
                told.decided.append(decided(records, staff, one).id)
    apply_due(database, LIFE, SOON)
    return told


def _kinds(database: Database, *told: Told) -> set[str]:
    return {finding["kind"] for finding in audit_review(database, told)}


def test_what_went_well_is_found_to_be_so(sqlite_database: Database) -> None:
    assert _kinds(sqlite_database, _worked(sqlite_database)) == set()


def _again(records: Records) -> None:
    """The log says that a decision moved its application twice."""
    event = records.scalars(select(ApplicationEvent).order_by(ApplicationEvent.id.desc())).first()
    assert event is not None
    application = records.get_one(Application, event.application_id)
    note(records, application, "moved", Actor.OFFICER, NOW, **event.detail)


def _twice(records: Records) -> None:
    row = {c.name: getattr(records.scalars(select(Decision)).first(), c.name)
           for c in Decision.__table__.columns}  # fmt: skip
    other = {"id": new_id(), "stay": 9, "dropped_at": None, "dropped_by": None}
    records.execute(insert(Decision).values({**row, **other}))


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (lambda r: r.execute(delete(Decision)), "lost"),
        (_twice, "nobody decided it"),
        (_twice, "decided not once"),
        (_again, "applied not once"),
        (lambda r: r.execute(update(Decision).values(applied_at=None)), "applied not once"),
        (
            lambda r: r.execute(update(Decision).values(dropped_at=NOW)),
            "undone otherwise than told",
        ),
        (
            lambda r: r.execute(update(Application).values(state=State.RETURNED.value)),
            "log and state disagree",
        ),
        (lambda r: r.execute(delete(Notice)), "told not once"),
    ],
)
def test_what_went_wrong_is_found(
    sqlite_database: Database, spoil: Callable[[Records], object], kind: str
) -> None:
    told = _worked(sqlite_database)
    with sqlite_database.writing() as records:
        spoil(records)
    assert kind in _kinds(sqlite_database, told)


def test_a_gap_in_the_log_is_found(sqlite_database: Database) -> None:
    told = _worked(sqlite_database)
    with sqlite_database.writing() as records:
        application = records.scalars(select(Application)).first()
        assert application is not None
        application.state = State.RETURNED.value
        note(records, application, "moved", Actor.OFFICER, NOW)
    assert "the log has a gap" in _kinds(sqlite_database, told)
