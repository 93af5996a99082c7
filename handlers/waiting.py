"""The applications of a person, as far as this account may be told of them."""

from __future__ import annotations

from typing import Any

from models import progress
from models.applications import Application
from models.people import find_account
from models.uses import note_use, used_lately


def own_applications(turn: Any) -> list[Application]:
    """What this account may be told of, the newest first. That it is used is noted once a day."""
    account = str(turn.account)
    with turn.reading() as records:
        found = progress.own_applications(records, account)
        row = find_account(records, account) if found else None
        unnoted = row is not None and row.person_id and not used_lately(row, turn.now)
        records.expunge_all()
    if unnoted:
        note_use(turn.records, account, turn.now)
    return found
