"""After the proof: a form of the same person was begun elsewhere; go on with that one?

Asked only where there is one, so that nobody else's form is a question longer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.dialogue.form import Step
from bot.dialogue.messages import LATER, Reply
from bot.dialogue.readings import UNCLEAR, Answer, Reading, Stay
from bot.dialogue.state import Draft
from bot.dialogue.steps import words_of
from handlers.card.checked import known
from handlers.elsewhere import found as elsewhere
from handlers.elsewhere.moving import ask_for, is_on_its_way
from models.drafts import name_person
from models.people import id_index

OTHER = "here"


def whose_it_is(turn: Any, draft: Draft, on_file: bool) -> None:
    """The phone was checked: note whose draft this is, and whether they began one elsewhere."""
    proven = on_file and known(draft, "identity") == "match"
    draft.facts.pop("elsewhere", None)
    if not proven:
        unnamed(turn, draft)
        return
    number = draft.answers["id_number"]
    found = elsewhere.of_holder(turn, number)
    if found and found["draft"] != turn.session.notes.get("left_elsewhere"):
        draft.facts["elsewhere"] = found
    draft.facts["named"] = True
    name_person(turn.records, draft.id, id_index(turn.keys, number))


def unnamed(turn: Any, draft: Draft) -> None:
    """Nobody has proven any more whose it is."""
    if draft.facts.pop("named", False):
        name_person(turn.records, draft.id, None)


def begun_elsewhere(turn: Any, draft: Draft) -> bool:
    return "elsewhere" in draft.facts


@dataclass(frozen=True, kw_only=True)
class Earlier(Step):
    """Fills nothing: this draft goes on, or gives way to the other."""

    @property
    def fields(self) -> tuple[str, ...]:
        return ()

    def ask(self, turn: Any, draft: Draft) -> Reply:
        if is_on_its_way(turn, draft.inner.get("asked")):
            return Reply(turn.say("elsewhere.on_its_way"))
        return elsewhere.offer(turn, draft.facts["elsewhere"], OTHER)

    def read(self, turn: Any, draft: Draft) -> Reading:
        if is_on_its_way(turn, draft.inner.get("asked")):
            return Stay(self.ask(turn, draft))
        choice = elsewhere.chosen(turn, words_of(turn), OTHER)
        if choice == elsewhere.ANEW:
            return Answer()
        if choice != elsewhere.GO_ON:
            return UNCLEAR
        draft.inner = {"asked": turn.now.isoformat()}
        ask_for(turn, draft.facts["elsewhere"], instead_of=draft.id)
        return LATER

    def show(self, turn: Any, draft: Draft) -> str:
        return str(turn.say(f"elsewhere.{OTHER}"))

    def valid(self, turn: Any, draft: Draft) -> bool:
        return True

    def texts(self) -> tuple[str, ...]:
        return "elsewhere.offer", "elsewhere.go_on", f"elsewhere.{OTHER}"

    def longest(self, say: Callable[[str], str]) -> Sequence[str]:
        return ["\n".join(say(key) for key in self.texts())]

    def options_at_most(self) -> int:
        return 2
