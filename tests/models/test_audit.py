"""The audit trail is only ever added to, and every act has a reason."""

from __future__ import annotations

import pytest
from sqlalchemy import Delete, Update, delete, update
from sqlalchemy.exc import DBAPIError

from models.audit import AuditEvent, audit, audit_of
from models.database import Database
from tests.models.making import NOW

SUBJECT = "application:1"


def _note(database: Database, reason: str = "resident at the counter") -> None:
    with database.writing() as records:
        audit(
            records,
            actor="cli:root",
            act="show_answers",
            subject=SUBJECT,
            reason=reason,
            now=NOW,
            detail={"fields": "all"},
        )


def test_an_act_is_found_by_its_subject(database: Database) -> None:
    _note(database)
    with database.reading() as records:
        (event,) = audit_of(records, SUBJECT)
        assert audit_of(records, "application:2") == []
    assert (event.actor, event.act, event.at) == ("cli:root", "show_answers", NOW)
    assert event.detail == {"fields": "all"}


@pytest.mark.parametrize("reason", ["", "  "])
def test_an_act_without_a_reason_is_refused(database: Database, reason: str) -> None:
    with pytest.raises(ValueError):
        _note(database, reason)


@pytest.mark.parametrize("act", [delete(AuditEvent), update(AuditEvent).values(reason="another")])
def test_an_act_can_be_neither_changed_nor_deleted(
    database: Database, act: Delete | Update
) -> None:
    _note(database)
    with pytest.raises(DBAPIError, match="append-only"), database.writing() as records:
        records.execute(act)
    with database.reading() as records:
        assert [event.reason for event in audit_of(records, SUBJECT)] == ["resident at the counter"]
