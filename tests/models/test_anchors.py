"""The log of the applications is tied to the audit's chain once a day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from models import anchors
from models.anchors import anchor, broken_anchor
from models.audit_check import verify
from models.database import Database
from tests.models.making import DAY, NOW, OTHER_NUMBER, make_application, make_person

HOUR = timedelta(hours=1)


def applied(database: Database) -> None:
    with database.writing() as records:
        make_application(records, make_person(records))
        other = make_person(records, id_number=OTHER_NUMBER)
        make_application(records, other, account="web:site:2")


def tamper(database: Database, statement: str) -> None:
    with database.engine.begin() as connection:
        if database.is_sqlite:
            for act in ("update", "delete"):
                connection.execute(text(f"DROP TRIGGER application_events_no_{act}"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(statement))


def test_each_row_is_anchored_once_when_it_has_settled(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anchors, "BATCH", 1)
    applied(database)
    assert anchor(database, NOW + HOUR) == 0  # not yet
    assert anchor(database, NOW + DAY) == 2
    assert anchor(database, NOW + DAY) == 0
    assert broken_anchor(database) == "" == verify(database).fault


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE application_events SET to_state = 'approved'",
        "DELETE FROM application_events WHERE id = (SELECT max(id) FROM application_events)",
        "UPDATE application_events SET by = 'staff:other'",
    ],
)
def test_a_log_that_was_changed_later_does_not_fit_its_anchor(
    database: Database, statement: str
) -> None:
    applied(database)
    anchor(database, NOW + DAY)
    tamper(database, statement)
    assert broken_anchor(database).startswith("the applications' log was changed between rows")
