"""人工: a person, in office hours by phone; otherwise a call-back message, kept as a ticket."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.dialogue.messages import Outcome, Reply
from bot.dialogue.readings import UNCLEAR, Leave, Reading, Stay, Unclear
from bot.dialogue.router import Conversation
from bot.dialogue.steps import words_of
from models.tickets import add_ticket

LONGEST = 500


class HumanTalk:
    """Out of hours it takes one message, then gives the floor back to whatever was open."""

    name = "human"
    intents = ()

    def __init__(self, menu: Callable[[Any, str], Reply]) -> None:
        self._menu = menu
        self.conversations: dict[str, Conversation] = {}

    def wanted(self, turn: Any, open_: Conversation | None) -> Outcome:
        """Somebody asks for a person; what was open stays open."""
        if turn.city.human_is_there(turn.now):
            text = turn.say("human.in_hours")
            return open_.question(turn, text) if open_ else Reply(text, footer=turn.say("footer"))
        if turn.session.talk != self.name:  # asked for twice, it still knows where to go back to
            turn.session.notes["human"] = {"back_to": turn.session.talk}
            turn.session.talk = self.name
        return Reply(turn.say("human.out_of_hours"), footer=turn.say("footer"))

    def begin(self, turn: Any, intent: str) -> Outcome:
        return self.wanted(turn, None)

    def read(self, turn: Any) -> Reading:
        said = words_of(turn)
        if not said:
            return UNCLEAR
        add_ticket(
            turn.records,
            turn.keys,
            ticket_id=turn.sources.new_id(),
            account=str(turn.account),
            kind="call_back",
            payload={"text": said[:LONGEST]},
            now=turn.now,
        )
        return Leave(self._back(turn, turn.say("human.noted")))

    def _back(self, turn: Any, before: str) -> Reply:
        notes = turn.session.notes.pop("human", {})
        turn.session.talk = notes.get("back_to", "")
        open_ = self.conversations.get(turn.session.talk)
        if open_:
            return open_.question(turn, before)
        return Reply(before, footer=turn.say("footer")) if before else self._menu(turn, "")

    def take(self, turn: Any, reading: Reading) -> Outcome:
        match reading:
            case Leave(reply=outcome):
                return outcome
            case Stay(reply=reply):
                return reply
        return self.question(turn, turn.say("form.not_understood"))

    def question(self, turn: Any, before: str) -> Reply:
        reply = Reply(turn.say("human.out_of_hours"), footer=turn.say("footer"))
        return reply if not before else replace(reply, text=f"{before}\n{reply.text}")

    def command(self, turn: Any, command: str) -> Outcome | Unclear:
        if command in ("back", "menu", "cancel", "resume"):
            return self._back(turn, "")
        return Unclear()

    def result(self, turn: Any) -> Outcome:
        return None
