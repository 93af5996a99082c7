"""Who answers the forms of our pages, by the form's name. None of them moves the open question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.dialogue.messages import Outcome, Reply
from config.locales import LOCALES
from handlers.collecting.page import ask_pass
from handlers.genuine import GenuineTalk
from handlers.progress import page as progress


class Forms:
    """Answers an update of kind PAGE, in the page's language (field `locale`) where it says one:
    what the chat speaks stays as it is."""

    def __init__(self, genuine: GenuineTalk) -> None:
        self._answers: Mapping[str, Callable[[Any], Reply]] = {
            "progress.ask": progress.ask,
            "progress.code": progress.prove,
            "progress.remember": progress.remember,
            "progress.pass": ask_pass,
            "message.check": genuine.checked,
        }

    def __call__(self, turn: Any) -> Outcome:
        """Nothing for a form that nobody knows."""
        answer = self._answers.get(turn.update.key)
        if answer is None:
            return None
        of_the_chat, of_the_page = turn.session.locale, turn.update.data.get("locale")
        turn.session.locale = of_the_page if of_the_page in LOCALES else of_the_chat
        try:
            return answer(turn)
        finally:
            turn.session.locale = of_the_chat
