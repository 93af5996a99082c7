"""继续 where nothing is open: the half-filled form, an application, or whose. And its opposite: a
page's own button that gives up what is half filled, without a question back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.dialogue.form_talk import FormTalk
from bot.dialogue.messages import Outcome
from bot.dialogue.router import Conversation
from handlers.card.form import filled_elsewhere
from handlers.menu import menu
from handlers.waiting import own_applications


class Resume:
    """Goes on with what there is; with several applications, progress asks whose."""

    def __init__(self, elsewhere: Callable[[Any], Outcome]) -> None:
        """`elsewhere` has the word where a form was begun in another channel."""
        self._elsewhere = elsewhere
        self.conversations: Mapping[str, Conversation] = {}

    def wanted(self, turn: Any, open_: Conversation | None) -> Outcome:
        if open_:
            return open_.question(turn, "")
        talks = [self.conversations.get(name) for name in turn.session.drafts]
        for talk in talks:
            if talk and (outcome := talk.begin(turn, "resume")) is not None:
                return outcome
        if turn.manner.applies and (said := self._elsewhere(turn)) is not None:
            return said
        if (came_back := self.conversations["returned"].begin(turn, "resume")) is not None:
            return came_back
        progress = self.conversations["progress"]
        if own_applications(turn):
            return progress.begin(turn, "progress")
        if way := filled_elsewhere(turn):
            return way
        return menu(turn, turn.say("resume.nothing"))

    def dropped(self, turn: Any, open_: Conversation | None) -> Outcome:
        """Everything that is half filled is given up."""
        talks = [self.conversations.get(name) for name in list(turn.session.drafts)]
        said = [talk.drop(turn) for talk in talks if isinstance(talk, FormTalk)]
        dropped = next((reply for reply in said if reply), None)
        return dropped or menu(turn, turn.say("resume.nothing"))
