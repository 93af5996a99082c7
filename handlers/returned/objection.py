"""意见: who does not agree with a decision says so in a message, kept for staff as a ticket."""

from __future__ import annotations

from typing import Any

from bot.dialogue.messages import Reply
from models.application_states import State
from models.applications import Application, events_of, open_answers
from models.progress import tail
from models.returns import returns_of
from models.tickets import add_ticket

KIND = "objection"
LONGEST = 500  # characters that are kept
SHORTEST = 4  # fewer say nothing that could be looked into
_DECIDED = (State.RETURNED, State.REFUSED)


def may_object(turn: Any, application: Application) -> bool:
    """Whether somebody decided on it: it was sent back or refused."""
    with turn.reading() as records:
        return any(event.to_state in _DECIDED for event in events_of(records, application.id))


def question(turn: Any, application: Application) -> Reply:
    """哪里不同意，写在一条消息里 …"""
    text = turn.say("returned.object.ask", tail=tail(application.number))
    return Reply(text, footer=turn.say("footer"))


def keep(turn: Any, application: Application, text: str) -> Reply:
    """The ticket names the application, what was found, and the phone to call."""
    rows = returns_of(turn.records, application.id)
    add_ticket(
        turn.records,
        turn.keys,
        ticket_id=turn.sources.new_id(),
        account=str(turn.account),
        kind=KIND,
        payload={
            "text": text[:LONGEST],
            "application": application.id,
            "number": application.number,
            "codes": [finding.code for finding in rows[-1].found()] if rows else [],
            "phone": open_answers(application, turn.keys).get("phone"),
        },
        now=turn.now,
    )
    return Reply(turn.say("returned.object.noted"), footer=turn.say("footer"))
