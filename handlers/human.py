"""人工: a person, in office hours at the platform's desk or by phone; otherwise a message for a
call back, kept as a ticket."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.dialogue.messages import Outcome, Reply
from bot.dialogue.readings import UNCLEAR, Leave, Reading, Stay, Unclear
from bot.dialogue.router import Conversation
from bot.dialogue.steps import words_of
from models.people import person_of
from models.tickets import add_ticket

LONGEST = 500
_PHONE = re.compile(r"\d(?:[ -]?\d){6,}")  # mobile or landline; staff read the rest


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
            told = open_.question(turn, text) if open_ else Reply(text, footer=turn.say("footer"))
            return replace(told, desk=turn.city.human.desk)
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
        left = turn.session.notes.setdefault("human", {})
        left["text"] = f"{left.get('text', '')}\n{said}".strip()[:LONGEST]
        if not (_PHONE.search(said) or self._known_phone(turn)):
            return Stay(self.question(turn, ""))
        self._keep(turn, left["text"])
        return Leave(self._back(turn, turn.say("human.noted")))

    def _known_phone(self, turn: Any) -> str | None:
        """What staff can call without being told: the phone of whom the account is bound to, or
        the one that was just proven in a form."""
        person = person_of(turn.records, str(turn.account))
        answers = [draft.answers for draft in turn.session.drafts.values()]
        proven = next((known["phone"] for known in answers if "phone" in known), None)
        return (person and person.open_phone(turn.keys)) or proven

    def _keep(self, turn: Any, text: str) -> None:
        add_ticket(
            turn.records,
            turn.keys,
            ticket_id=turn.sources.new_id(),
            account=str(turn.account),
            kind="call_back",
            payload={"text": text, "phone": self._known_phone(turn)},
            now=turn.now,
        )

    def _leave(self, turn: Any) -> Reply:
        """Who gives no phone is told that nobody can call; what was written is kept."""
        text = turn.session.notes.get("human", {}).get("text", "")
        if not text:
            return self._back(turn, "")
        self._keep(turn, text)
        return self._back(turn, turn.say("human.no_phone"))

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
        noted = turn.session.notes.get("human", {}).get("text")
        asked = turn.say("human.which_phone" if noted else "human.out_of_hours")
        reply = Reply(asked, footer=turn.say("footer"))
        return reply if not before else replace(reply, text=f"{before}\n{reply.text}")

    def command(self, turn: Any, command: str) -> Outcome | Unclear:
        if command in ("back", "menu", "cancel", "resume"):
            return self._leave(turn)
        return Unclear()

    def result(self, turn: Any) -> Outcome:
        return None
