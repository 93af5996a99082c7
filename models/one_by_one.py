"""Many rows worked one after the other: one that cannot be must not stop those behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import Session as Records

from models.applications import Application

_OF_THE_DATABASE = (
    InterfaceError, InternalError, OperationalError, PendingRollbackError, NoConnection,
)  # fmt: skip

log = structlog.get_logger(__name__)


@contextmanager
def passing_over(work: str, subject: str) -> Iterator[None]:
    """What fails inside is logged by its id and kind, and who called goes on. Where the database
    itself is at fault it is raised: the next row would fare no better. Inside of a transaction
    that goes on, a savepoint is put around what may fail, within this."""
    try:
        yield
    except _OF_THE_DATABASE:
        raise
    except Exception as fault:
        log.error("passed over", work=work, subject=subject, fault=type(fault).__name__)


def each_by_itself(
    records: Records,
    work: str,
    applications: Iterable[Application],
    do: Callable[[Application], object],
) -> int:
    """`do` with every one of them, in this transaction; what fails is undone alone. Returns with
    how many it was done."""
    done = 0
    for application in applications:
        with passing_over(work, application.id):
            with records.begin_nested():
                do(application)
            done += 1
    return done
