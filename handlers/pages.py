"""Who answers the forms of our pages, by the form's name. None of them moves the open question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.dialogue.messages import Outcome, Reply
from handlers.progress import page as progress

FORMS: Mapping[str, Callable[[Any], Reply]] = {
    "progress.ask": progress.ask,
    "progress.code": progress.prove,
    "progress.remember": progress.remember,
}


def sent(turn: Any) -> Outcome:
    """A form of a page was sent. Nothing for one that nobody knows."""
    answer = FORMS.get(turn.update.key)
    return answer(turn) if answer else None
