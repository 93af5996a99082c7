"""The conversation about an application that was handed in: correct it, withdraw it, object, change
the phone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.dialogue.form import Filling
from bot.dialogue.form_talk import FormTalk
from bot.dialogue.messages import Kind, Outcome, Reply
from bot.dialogue.readings import UNCLEAR, Leave, Reading, Stay, Unclear
from bot.dialogue.router import Conversation
from bot.dialogue.steps import words_of
from bot.dialogue.words import pick
from handlers.progress.shown import told
from handlers.returned import anew, objection, withdrawal
from handlers.returned.draft import FORM, drop_draft, new_draft
from handlers.returned.form import RETURNED
from handlers.returned.found import PHOTOS, Returned, returned
from handlers.returned.meeting import NOTES, items, meet, met, notes, sample, stage
from handlers.returned.portrait import ON_FILE_WANTED
from handlers.returned.resubmit import may_change_phone
from handlers.waiting import own_applications
from models.applications import Application

_OPENS = ("correct", "withdraw", "object", "new_phone")
_INSTEAD = ("apply", "modify", "cancel_application")
"""What else means one of these where an application is under way and no form is half filled."""


class ReturnedTalk:
    """Its notes: `stage` (met | filling | withdraw | object | anew) and which `application`."""

    name = FORM
    intents = (*_OPENS, *_INSTEAD)

    def __init__(self, menu: Callable[[Any, str], Reply], card: Conversation) -> None:
        """`card` is the form of a new application."""
        self._menu, self.card = menu, card
        self._form = FormTalk(
            RETURNED,
            ("correct",),
            create=self._create,
            opening=lambda turn: "",
            leave=self._to_options,
            days=lambda turn: turn.city.days.correction,
        )

    # --- the router's side --------------------------------------------------------------

    def begin(self, turn: Any, intent: str) -> Outcome:
        """None: nothing here is meant, somebody else may know."""
        if intent in _INSTEAD and "card" in turn.session.drafts:
            return None
        found = returned(turn)
        still = self._still(turn)
        if still is None:
            drop_draft(turn)
        match intent:
            case "resume" if still:
                stage(turn, "filling", still)
                return self._form.begin(turn, "resume")
            case "withdraw" | "cancel_application":
                return self._ask_withdraw(turn, found) or self._nothing(turn, intent)
            case "object":
                return self._ask_object(turn) or self._nothing(turn, intent)
            case "new_phone" | "modify":
                return self._ask_phone(turn, found) or self._nothing(turn, intent)
        if found is None and intent in ("apply", "resume") and (old := anew.lapsed(turn)):
            stage(turn, "anew", old)
            return anew.question(turn, old)
        return meet(turn, found) if found else self._nothing(turn, intent)

    def read(self, turn: Any) -> Reading:
        said = words_of(turn)
        match notes(turn).get("stage"):
            case "filling" if self._still(turn):
                return self._form.read(turn)
            case "met" if found := _known(turn):
                return self._read_met(turn, found, said)
            case "withdraw" if application := self._own(turn):
                return self._read_withdraw(turn, application, said)
            case "object" if application := self._own(turn):
                return self._read_object(turn, application, said)
            case "anew" if application := _lapsed(turn):
                return self._read_anew(turn, application, said)
        return Leave(self._gone(turn))

    def take(self, turn: Any, reading: Reading) -> Outcome:
        match reading:
            case _ if self._fills(turn) and not isinstance(reading, Leave):
                return self._form.take(turn, reading)
            case Leave(reply=outcome):
                return outcome
            case Stay(reply=reply):
                return reply
        return self.question(turn, turn.say("form.not_understood"))

    def question(self, turn: Any, before: str) -> Reply:
        if self._fills(turn) and self._still(turn):
            return self._form.question(turn, before)
        reply = self._question(turn)
        if before.endswith(("，", ", ")):
            return replace(reply, text=f"{before}{reply.text}")
        return reply.preceded_by(before)

    def command(self, turn: Any, command: str) -> Outcome | Unclear:
        match command.split(" ", 1):
            case ["menu"]:
                return self._leave(turn)
            case ["cancel"] | ["intent", "cancel_application" | "withdraw"]:
                return self._ask_withdraw(turn, returned(turn)) or Unclear()
            case ["intent", "object" | "new_phone" as intent] if not self._fills(turn):
                return self.begin(turn, intent)
        if self._fills(turn) and self._still(turn):
            return self._form.command(turn, command)
        match command.split(" ", 1):
            case ["back"] if notes(turn).get("stage") in ("withdraw", "object"):
                return self._to_options(turn, "")
            case ["back"]:
                return self._leave(turn)
            case ["edit", _] if found := _known(turn):
                return Leave(self._begin(turn, found)).reply
            case ["resume" | "help" | "keep" | "edit"] | ["intent", _]:
                return self.question(turn, "")
        return Unclear()

    def result(self, turn: Any) -> Outcome:
        return self._form.result(turn) if self._still(turn) else None

    # --- met ----------------------------------------------------------------------------

    def _read_met(self, turn: Any, found: Returned, said: str) -> Reading:
        """What is chosen; a photo that is sent at once is the answer where one is wanted."""
        if turn.update.kind is Kind.IMAGE and found.steps and found.steps[0] in PHOTOS:
            self._begin(turn, found)
            return self._form.read(turn)
        chosen = pick(said, items(turn, found)) if said else []
        if len(chosen) != 1:
            return UNCLEAR
        match chosen[0].value:
            case "correct":
                return Leave(self._begin(turn, found))
            case "on_file":
                return Leave(self._begin(turn, found, on_file=True))
            case "sample":
                return Stay(sample(turn, found.steps))
        return Leave(self._ask_withdraw(turn, found))

    def _begin(self, turn: Any, found: Returned, on_file: bool = False) -> Outcome:
        return self._open(turn, found, on_file).start()

    def _create(self, turn: Any, intent: str) -> Filling | Reply:
        found = _known(turn)
        return self._open(turn, found) if found else self._gone(turn)

    def _open(self, turn: Any, found: Returned, on_file: bool = False) -> Filling:
        application = found.application
        draft = new_draft(turn, application, found.steps, found.fields, found.row.id)
        draft.facts["may_use_file"] = found.may_use_file
        if on_file:
            draft.facts[ON_FILE_WANTED] = True
        stage(turn, "filling", application)
        return Filling(RETURNED, turn, draft)

    # --- asking -------------------------------------------------------------------------

    def _ask_withdraw(self, turn: Any, found: Returned | None) -> Reply | None:
        own = own_applications(turn)
        mine = [found.application] if found else [a for a in own if withdrawal.may_withdraw(a)]
        if not mine:
            return None
        stage(turn, "withdraw", mine[0])
        return withdrawal.question(turn, mine[0])

    def _ask_object(self, turn: Any) -> Reply | None:
        mine = next((a for a in own_applications(turn) if objection.may_object(turn, a)), None)
        if mine is None:
            return None
        stage(turn, "object", mine)
        return objection.question(turn, mine)

    def _ask_phone(self, turn: Any, found: Returned | None) -> Outcome:
        """改手机 of what is under way; of a returned one beside what it lacks."""
        if found:
            return self._with_phone(turn, found)
        own = own_applications(turn)
        mine = next((a for a in own if may_change_phone(turn, a)), None)
        if mine is None:
            return None
        draft = new_draft(turn, mine, ["phone"], ["phone"])
        stage(turn, "filling", mine)
        return Filling(RETURNED, turn, draft).start()

    def _with_phone(self, turn: Any, found: Returned) -> Outcome:
        filling = self._open(turn, found)
        if "phone" not in filling.draft.facts["mend"]:
            filling.draft.facts["mend"].append("phone")
        return filling.start()

    def _read_withdraw(self, turn: Any, application: Application, said: str) -> Reading:
        match withdrawal.answer(turn, said):
            case "no":
                return Leave(self._to_options(turn, ""))
            case "yes":
                self._end(turn)
                mine = turn.records.get(Application, application.id)
                if not withdrawal.may_withdraw(mine):
                    return Leave(told(turn, mine))
                return Leave(withdrawal.withdraw(turn, mine))
        return UNCLEAR

    def _read_object(self, turn: Any, application: Application, said: str) -> Reading:
        if len(said) < objection.SHORTEST:
            return UNCLEAR
        self._end(turn)
        return Leave(objection.keep(turn, application, said))

    def _read_anew(self, turn: Any, application: Application, said: str) -> Reading:
        match anew.answer(turn, said):
            case "again":
                self._end(turn)
                return Leave(anew.begin(turn, application))
            case "afresh":
                self._end(turn)
                turn.session.notes[anew.DECLINED] = application.id
                return Leave(self.card.begin(turn, "apply"))
        return UNCLEAR

    def _question(self, turn: Any) -> Reply:
        application = self._own(turn)
        match notes(turn).get("stage"):
            case "met" if found := _known(turn):
                return met(turn, found)
            case "withdraw" if application:
                return withdrawal.question(turn, application)
            case "object" if application:
                return objection.question(turn, application)
            case "anew" if lapsed := _lapsed(turn):
                return anew.question(turn, lapsed)
        return self._gone(turn)

    # --- state --------------------------------------------------------------------------

    def _fills(self, turn: Any) -> bool:
        return notes(turn).get("stage") == "filling" and FORM in turn.session.drafts

    def _still(self, turn: Any) -> Application | None:
        """What the draft corrects, as long as it is what it was begun for; else the draft ends."""
        draft = turn.session.drafts.get(FORM)
        if draft is None:
            return None
        if not draft.facts["return"]:
            mine = self._of(turn, draft.facts["application"])
            return mine if mine and may_change_phone(turn, mine) else None
        found = returned(turn, draft.facts["application"])
        return found.application if found and found.row.id == draft.facts["return"] else None

    def _own(self, turn: Any) -> Application | None:
        return self._of(turn, notes(turn).get("application", ""))

    @staticmethod
    def _of(turn: Any, application_id: str) -> Application | None:
        return next((a for a in own_applications(turn) if a.id == application_id), None)

    def _to_options(self, turn: Any, before: str) -> Reply:
        """Back from a question to what can be done."""
        found = returned(turn)
        return meet(turn, found, before) if found else self._leave(turn)

    def _leave(self, turn: Any) -> Reply:
        self._end(turn)
        return self._menu(turn, turn.say("returned.kept") if returned(turn) else "")

    def _end(self, turn: Any) -> None:
        turn.session.talk = ""
        turn.session.notes.pop(NOTES, None)

    def _gone(self, turn: Any) -> Reply:
        """It was corrected or ended elsewhere meanwhile: where it stands now."""
        application = self._own(turn)
        self._end(turn)
        drop_draft(turn)
        return told(turn, application) if application else self._menu(turn, "")

    def _nothing(self, turn: Any, intent: str) -> Outcome:
        """There is nothing of the sort; of a word that others know as well they may say more."""
        if intent in (*_INSTEAD, "resume"):
            return None
        return self._menu(turn, turn.say(f"returned.nothing.{intent}"))


def _lapsed(turn: Any) -> Application | None:
    """The application that this conversation offers to fill in anew, if that can still be done."""
    old = anew.lapsed(turn)
    return old if old and old.id == notes(turn).get("application") else None


def _known(turn: Any) -> Returned | None:
    """The returned application that this conversation is about."""
    return returned(turn, notes(turn).get("application", ""))
