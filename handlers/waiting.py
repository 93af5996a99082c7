"""What waits for a person: it is told before any menu."""

from __future__ import annotations

from typing import Any

from bot.dialogue.messages import Reply
from handlers.progress.shown import told
from models.application_states import State
from models.applications import Application, applications_of
from models.people import person_of


def own_applications(turn: Any) -> list[Application]:
    """What this account handed in, and what is proven to be of the person it is bound to.

    Newest first. What somebody else handed in under this person's number, without proof, is not
    told: it holds that somebody's address and phone.
    """
    with turn.reading() as records:
        person = person_of(records, str(turn.account))
        found = applications_of(
            records, account=str(turn.account), person_id=person.id if person else None
        )
        records.expunge_all()
    return [a for a in found if a.holder_proven or a.account_key == str(turn.account)]


def urgent(turn: Any) -> Reply | None:
    """An application that came back: what is wrong, and until when, instead of the menu."""
    returned = [a for a in own_applications(turn) if a.state == State.RETURNED]
    return told(turn, returned[0]) if returned else None
