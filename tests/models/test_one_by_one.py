"""One row that cannot be worked stops no other; a database that is away stops all."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session as Records
from structlog.testing import capture_logs

from models.applications import Application
from models.database import Database
from models.one_by_one import passing_over
from tests.models.making import make_application, make_person

DRIVER = Exception()


def _renumbered(records: Records, application: Application, number: str) -> None:
    with passing_over("renumbering", application.id), records.begin_nested():
        application.number = number


def test_what_the_database_refuses_of_one_row_is_undone_alone(database: Database) -> None:
    with database.writing() as records:
        person = make_person(records)
        rows = [make_application(records, person, holder_proven=False) for _ in range(3)]
        ids, before = [row.id for row in rows], rows[1].number
        with capture_logs() as logs:
            for row, number in zip(rows, ("YZ1", "YZ1", "YZ2"), strict=True):
                _renumbered(records, row, number)  # a number is one application's
    assert [(each["subject"], each["fault"]) for each in logs] == [(ids[1], "IntegrityError")]
    with database.reading() as records:
        found = [records.get_one(Application, each).number for each in ids]
    assert found == ["YZ1", before, "YZ2"]


@pytest.mark.parametrize(
    "fault",
    [
        OperationalError("", {}, DRIVER),
        InternalError("", {}, DRIVER),
        PendingRollbackError(),
        NoConnection(),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_a_database_that_is_away_is_no_fault_of_a_row(fault: Exception) -> None:
    with pytest.raises(type(fault)), passing_over("work", "1"):
        raise fault


def test_a_connection_that_is_cut_off_is_no_fault_of_a_row(postgres_database: Database) -> None:
    with (
        pytest.raises(DBAPIError),
        postgres_database.writing() as records,
        passing_over("work", "1"),
        records.begin_nested(),
    ):
        records.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
