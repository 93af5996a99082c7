"""The conversation about a form that was begun elsewhere: go on with it here, or begin anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.dialogue.form_talk import FormTalk
from bot.dialogue.messages import LATER, Outcome, Reply
from bot.dialogue.readings import UNCLEAR, Answer, Leave, Problem, Reading, Stay, Unclear
from bot.dialogue.state import Draft
from bot.dialogue.steps import words_of
from handlers.card.giving_up import drop
from handlers.card.moved import settled
from handlers.elsewhere import found as elsewhere
from handlers.elsewhere.moving import RELEASE, ask_for, is_on_its_way, release
from models.drafts import is_kept_by


class MovingTalk:
    """Its notes: what was found, and `asked`, since when it is waited for."""

    name = "moving"
    intents = ()

    def __init__(self, menu: Callable[[Any, str], Reply]) -> None:
        self._menu = menu
        self.forms: dict[str, FormTalk] = {}

    # --- offering -----------------------------------------------------------------------

    def offered(self, turn: Any) -> Outcome:
        """What is said before a form is begun here: that one was begun elsewhere, that the one
        from here has moved; None where there is neither."""
        moved = elsewhere.moved_line(turn)
        turn.session.notes.pop("moved", None)
        found = self._notes(turn) if self._waits(turn) else elsewhere.of_bound_account(turn)
        if found:
            turn.session.talk, turn.session.notes[self.name] = self.name, found
            return self.question(turn, moved)
        if moved:
            return Reply(f"{moved}\n{turn.say('elsewhere.or_anew')}", footer=turn.say("footer"))
        return None

    def begin(self, turn: Any, intent: str) -> Outcome:
        return self.offered(turn) or self._menu(turn, "")

    def question(self, turn: Any, before: str) -> Reply:
        notes = self._notes(turn)
        if not notes:
            return self._leave(turn, before)
        if self._waits(turn):
            reply = Reply(turn.say("elsewhere.on_its_way"))
        else:
            reply = elsewhere.offer(turn, notes)
        reply = replace(reply, footer=turn.say("footer"))
        if before.endswith(("，", ", ")):
            return replace(reply, text=f"{before}{reply.text}")
        return reply.preceded_by(before)

    def read(self, turn: Any) -> Reading:
        notes = self._notes(turn)
        if not notes or self._waits(turn):
            return Stay(self.question(turn, ""))
        choice = elsewhere.chosen(turn, words_of(turn))
        if choice == elsewhere.ANEW:
            return Leave(self._anew(turn))
        if choice != elsewhere.GO_ON:
            return UNCLEAR
        notes["asked"] = turn.now.isoformat()
        ask_for(turn, notes)
        return LATER

    def take(self, turn: Any, reading: Reading) -> Outcome:
        match reading:
            case Leave(reply=outcome):
                return outcome
            case Stay(reply=reply):
                return reply
            case Unclear() | Problem() | Answer():
                return self.question(turn, turn.say("form.not_understood"))
        return LATER

    def _anew(self, turn: Any) -> Outcome:
        """What was left elsewhere is not offered again in this form."""
        left = turn.session.notes.pop(self.name)
        turn.session.notes["left_elsewhere"] = left["draft"]
        form = self.forms[left["form"]]
        return form.begin_anew(turn, form.intents[0])

    def command(self, turn: Any, command: str) -> Outcome | Unclear:
        match command.split(" ", 1):
            case ["back" | "menu" | "cancel"]:
                return self._leave(turn, "")
            case ["resume" | "help"]:
                return self.question(turn, "")
        return Unclear()

    # --- moving -------------------------------------------------------------------------

    def result(self, turn: Any) -> Outcome:
        """Both accounts are told by results: the one that gives, the one that takes."""
        if turn.update.key == RELEASE:
            release(turn)
            return None
        asked = turn.update.data
        if "content" in asked:
            return self._arrived(turn, Draft(**asked["content"]), asked["instead_of"])
        return self._not_to_be_had(turn, asked) if "gone" in asked else None

    def _arrived(self, turn: Any, draft: Draft, instead_of: str) -> Outcome:
        """It is this account's now, in the place of the draft that asked for it. Who waited too
        long and began anew here goes on with that."""
        session, form = turn.session, self.forms[draft.form]
        session.notes.pop(self.name, None)
        session.talk = "" if session.talk == self.name else session.talk
        with turn.reading() as records:
            if not is_kept_by(records, draft.id, str(turn.account), turn.now):
                return None  # it ended on its way, by a duty to delete
        other = session.drafts.get(draft.form)
        wanted = other is None or other.id == instead_of
        if given_up := other if wanted else draft:
            drop(turn, given_up)
        if not wanted:
            return None
        session.drafts[draft.form] = settled(draft)
        if session.talk not in ("", draft.form):
            return None  # its question is asked when the person comes back to it
        session.talk = draft.form
        filling = form.filling(turn)
        return filling.resume() if filling else form.question(turn, "")

    def _not_to_be_had(self, turn: Any, asked: Any) -> Outcome:
        """Why; then the open question, or nothing."""
        why = asked["gone"]
        if why == "arriving":  # asked for twice: it comes as the answer to the first time
            return None
        turn.session.notes.pop(self.name, None)
        where = elsewhere.channel_of(turn, asked["keeper"])
        text = turn.say(f"elsewhere.gone.{why}", where=where)
        form = self.forms[asked["form"]]
        filling = form.filling(turn) if turn.session.talk == form.name else None
        if filling and filling.step.name == "earlier":
            return filling.accept(Answer({}, said=text))
        if turn.session.talk in ("", self.name):
            turn.session.talk = ""
            return Reply(text, footer=turn.say("footer"))
        return None

    # --- state --------------------------------------------------------------------------

    def _notes(self, turn: Any) -> dict[str, Any]:
        notes: dict[str, Any] = turn.session.notes.get(self.name, {})
        return notes

    def _waits(self, turn: Any) -> bool:
        return is_on_its_way(turn, self._notes(turn).get("asked"))

    def _leave(self, turn: Any, before: str) -> Reply:
        if not self._waits(turn):
            turn.session.notes.pop(self.name, None)
        turn.session.talk = ""
        return self._menu(turn, before)
