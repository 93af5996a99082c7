"""Options that can be clicked: which question they belong to, and what a click means by now.

An option's key travels with the mark of its question (`3f0a61c2d9-2`). A click on the question
that is open means what typing its number means. A click further up in the chat names an option of
another question: its words may still say what is wanted, its number says nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from enum import Enum
from hashlib import blake2b
from typing import Any

from bot.dialogue.messages import Kind, Outcome, Reply
from bot.dialogue.outside import NOTE as OUTSIDE
from bot.dialogue.state import Session

_KEY = re.compile(r"([0-9a-f]{10})-(\d{1,2})", re.ASCII)
# Notes that say nothing of which question is open.
_PASSING = (
    "tries", "language", "desk", "entered", "scene", "branch", "pages", "progress_asked",
    "answered", "spoke", OUTSIDE,
)  # fmt: skip


class Click(Enum):
    """What an update is, as far as clicks go."""

    NONE = "none"
    ANSWER = "answer"  # it names an option of the open question
    OLD = "old"  # … of another question


def click_key(mark: str, key: str) -> str:
    """What is sent along with a clickable option, and comes back with the click."""
    return f"{mark}-{key}"


def read_click(turn: Any) -> Click:
    """What was clicked. An answer stands in `turn.update` afterwards as if its number was typed."""
    update = turn.update
    found = _KEY.fullmatch(update.key) if update.kind is Kind.TEXT and update.key else None
    if not found:
        return Click.NONE
    mark, key = found.groups()
    if mark != turn.session.asked:
        return Click.OLD
    turn.update = replace(update, text=key)
    return Click.ANSWER


def place_of(session: Session) -> str:
    """Which question is open: the same until it is answered or left, whatever else is learned."""
    draft = session.drafts.get(session.talk)
    return _told([session.talk, _lasting(session.notes)], draft and [draft.step, draft.inner])


def marked(session: Session, outcome: Outcome, before: str) -> Outcome:
    """The outcome with its question's mark, which the session remembers. `before` is `place_of`
    the session as the turn began."""
    now = place_of(session)
    if isinstance(outcome, Reply) and outcome.options:
        session.asked = _mark(session, now, outcome)
        return replace(outcome, mark=session.asked)
    if now != before:  # what was asked is answered: its options are no longer those of a question
        session.asked = ""
    return outcome


def _mark(session: Session, place: str, reply: Reply) -> str:
    """Ten digits that tell questions apart, and what each of them shows: another photo of the same
    card is another question. The draft's id, which nobody can guess, hides what goes into it."""
    draft = session.drafts.get(session.talk)
    options = [f"{option.key} {option.label}" for option in reply.options]
    shown = _told(place, options, draft and [draft.id, draft.answers, draft.facts])
    return blake2b(shown.encode(), digest_size=5).hexdigest()


def _told(*parts: Any) -> str:
    return json.dumps(parts, sort_keys=True, default=str)


def _lasting(notes: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _lasting(value) if isinstance(value, Mapping) else value
        for name, value in notes.items()
        if name not in _PASSING
    }
