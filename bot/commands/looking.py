"""Opening an application from the command line: never without a reason, and never unseen."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from sqlalchemy.orm import Session as Records

from bot.commands.settings import keyring, local_settings, stop
from models.applications import Application, find_application
from models.audit import Act, audit
from models.database import Database
from models.looks import PURPOSES
from models.sealing import Keyring


@contextmanager
def looking(
    number: str, reason: str, purpose: str, act: Act
) -> Iterator[tuple[Records, Keyring, Application]]:
    """The application of this number. The look is written down with what is read, or nothing is
    shown. Ends the command where there is no reason, or no such application."""
    settings = local_settings()
    keys = keyring(settings)
    if not reason.strip():
        stop(["--reason: say why it must be seen"])
    if purpose not in PURPOSES:
        stop([f"--purpose: one of {', '.join(PURPOSES)}"])
    database = Database(settings.database)
    try:
        with database.writing() as records:
            application = find_application(records, number)
            if application is None:
                stop(["there is no application with that number"])
            audit(
                records,
                actor=f"cli:{getpass.getuser()}",
                act=act,
                subject=f"application:{application.id}",
                reason=reason,
                now=datetime.now(UTC),
                detail={"purpose": purpose},
            )
            yield records, keys, application
    finally:
        database.dispose()
