"""Questions of the card form, asked outside of it: each gets a draft of its own, kept in the notes
of the conversation."""

from __future__ import annotations

from typing import Any

from bot.dialogue.readings import Answer, Reading, Stay
from bot.dialogue.state import Draft
from handlers.collecting.cards import remembered
from models.applications import Application, open_answers

_CARRIED = ("inner", "facts")


def draft_of(turn: Any, application: Application) -> Draft:
    """What a question of the form needs: the answers given there, and its own state."""
    own = remembered(turn).setdefault("draft", {})
    own.setdefault("id", turn.sources.new_id())
    answers = open_answers(application, turn.keys)
    inner, facts = (dict(own.get(name, {})) for name in _CARRIED)
    form, version = application.form, application.form_version
    started = turn.now.isoformat()
    return Draft(own["id"], form, version, started, answers, inner=inner, facts=facts)


def kept(turn: Any, draft: Draft, reading: Reading) -> None:
    """The question's state is kept where it goes on; what was not understood changes nothing."""
    if isinstance(reading, Answer | Stay):
        own = remembered(turn).setdefault("draft", {})
        own.update({name: getattr(draft, name) for name in _CARRIED})
