"""`shebaoka application show`: what somebody applied for, as JSON, with a note in the audit."""

from __future__ import annotations

import getpass
import json
import sys
from datetime import UTC, datetime

from bot.commands.settings import keyring, local_settings, stop
from models.applications import find_application, open_answers
from models.audit import audit
from models.database import Database
from models.looks import PURPOSES


def run(number: str, reason: str, purpose: str = "other") -> int:
    """Print all answers. The look is written down before anything is shown."""
    settings = local_settings()
    keys = keyring(settings)
    if not reason.strip():
        stop(["--reason: say why the answers must be seen"])
    if purpose not in PURPOSES:
        stop([f"--purpose: one of {', '.join(PURPOSES)}"])
    database = Database(settings.database)
    with database.writing() as records:
        application = find_application(records, number)
        if application is None:
            stop(["there is no application with that number"])
        audit(
            records,
            actor=f"cli:{getpass.getuser()}",
            act="application.show",
            subject=f"application:{application.id}",
            reason=reason,
            now=datetime.now(UTC),
            detail={"purpose": purpose},
        )
        answers = open_answers(application, keys)
    database.dispose()
    sys.stdout.write(json.dumps(answers, ensure_ascii=False, indent=2) + "\n")
    return 0
