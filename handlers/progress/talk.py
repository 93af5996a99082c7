"""The conversation behind 进度 and, where nothing is half filled, 继续: whose, proof, answer.

A bound account, or the one that handed the application in, is answered at once. Anybody else gives
the acceptance number, or name and ID number, and then the code sent to the phone that the
application names. Whether there is such an application shows neither in words nor in what we do.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from bot.dialogue.messages import Asks, Option, Outcome, Reply
from bot.dialogue.readings import UNCLEAR, Fault, Leave, Problem, Reading, Stay, Unclear
from bot.dialogue.steps import words_of
from bot.dialogue.words import Item, fold, pick
from handlers.progress.proof import proven, read_asked, send_code
from handlers.progress.shown import bring, option, told
from handlers.returned.found import opened, returned
from handlers.returned.meeting import meet
from handlers.subscribing import Moment, with_offer
from handlers.waiting import own_applications
from handlers.words import words
from models.application_states import CLOSED
from models.applications import Application
from models.one_time_codes import code_in
from models.people import bind
from models.progress import shown_first, tail

MOST_LISTED = 5


class ProgressTalk:
    """One conversation: `stage` is whose | who | code | shown."""

    name = "progress"
    intents = ("progress",)

    def __init__(self, menu: Callable[[Any, str], Reply]) -> None:
        self._menu = menu

    # --- the router's side --------------------------------------------------------------

    def begin(self, turn: Any, intent: str) -> Outcome:
        found = shown_first(own_applications(turn))
        if not found:
            return self._ask_who(turn)
        if len(found) == 1 and (came_back := opened(turn, found[0])):
            return meet(turn, came_back)
        if len(found) == 1:
            turn.session.talk = ""
            return _offering(turn, found[0], told(turn, found[0]))
        return self._ask_whose(turn, found)

    def aside(self, turn: Any, intent: str) -> str | None:
        """The answer in passing, where it needs no question back."""
        found = shown_first(own_applications(turn))
        if len(found) != 1:
            return None
        turn_talk = turn.session.talk
        text = told(turn, found[0]).text
        turn.session.talk = turn_talk
        return text

    def read(self, turn: Any) -> Reading:
        said = words_of(turn)
        if not said:
            return UNCLEAR
        match self._notes(turn).get("stage"):
            case "whose":
                return self._read_whose(turn, said)
            case "who":
                return self._read_who(turn, said)
            case "code":
                return self._read_code(turn, said)
            case "shown":
                return self._read_shown(turn, said)
        return UNCLEAR

    def take(self, turn: Any, reading: Reading) -> Outcome:
        match reading:
            case Stay(reply=reply):
                self._notes(turn)["tries"] = 0
                return self._footed(turn, reply) if reply else None
            case Leave(reply=outcome):
                self._end(turn)
                return outcome
            case Problem(text=text):
                return self._failed(turn, text)
            case Unclear() if self._notes(turn).get("stage") == "shown":
                self._end(turn)
                return self._menu(turn, turn.say("not_understood"))
        return self._failed(turn, turn.say("form.not_understood"), again=True)

    def question(self, turn: Any, before: str) -> Reply:
        reply = self._footed(turn, self._question(turn))
        if before.endswith(("，", ", ")):
            return replace(reply, text=f"{before}{reply.text}")
        return reply.preceded_by(before)

    def command(self, turn: Any, command: str) -> Outcome | Unclear:
        match command.split(" ", 1):
            case ["back"] if self._notes(turn).get("stage") == "code":
                return self._ask_who(turn)
            case ["back" | "menu" | "cancel"]:
                self._end(turn)
                return self._menu(turn, "")
            case ["resume" | "help"] | ["intent", "progress"]:
                return self.question(turn, "")
        return Unclear()

    def result(self, turn: Any) -> Outcome:
        return None

    # --- state --------------------------------------------------------------------------

    @staticmethod
    def _notes(turn: Any) -> dict[str, Any]:
        notes: dict[str, Any] = turn.session.notes.setdefault("progress", {})
        return notes

    def _stage(self, turn: Any, stage: str, **more: Any) -> None:
        turn.session.talk = self.name
        turn.session.notes["progress"] = {"stage": stage, "tries": 0, **more}

    def _end(self, turn: Any) -> None:
        if turn.session.talk == self.name:  # else the floor is another's already
            turn.session.talk = ""
        turn.session.notes.pop("progress", None)

    def _footed(self, turn: Any, reply: Reply) -> Reply:
        asks: Asks = "code" if self._notes(turn).get("stage") == "code" else "text"
        return replace(reply, footer=turn.say("footer"), asks="choice" if reply.options else asks)

    def _failed(self, turn: Any, text: str, again: bool = False) -> Reply:
        notes = self._notes(turn)
        notes["tries"] = notes.get("tries", 0) + 1
        if notes["tries"] >= 3:
            text = f"{text}\n{turn.say('form.third_failure')}"
        return self.question(turn, text) if again else Reply(text, footer=turn.say("footer"))

    def _question(self, turn: Any) -> Reply:
        match self._notes(turn).get("stage"):
            case "whose":
                return self._whose(turn, shown_first(own_applications(turn)))
            case "code":
                return Reply(turn.say("progress.code"))
            case "shown":
                return Reply(turn.say("progress.what_else"), self._after_options(turn))
        return Reply(turn.say("progress.who"))

    # --- whose --------------------------------------------------------------------------

    def _ask_whose(self, turn: Any, found: list[Application]) -> Reply:
        self._stage(turn, "whose")
        return self._footed(turn, self._whose(turn, found))

    def _whose(self, turn: Any, found: list[Application]) -> Reply:
        options = [Option(str(n), option(turn, a)) for n, a in enumerate(found[:MOST_LISTED], 1)]
        return Reply(turn.say("progress.whose"), tuple(options))

    def _read_whose(self, turn: Any, said: str) -> Reading:
        found = shown_first(own_applications(turn))[:MOST_LISTED]
        items = [
            Item(n, o.label, (tail(a.number),))
            for n, (o, a) in enumerate(zip(self._whose(turn, found).options, found, strict=True))
        ]
        chosen = pick(said, items)
        if not chosen and fold(said) in {tail(a.number) for a in found}:
            chosen = [next(i for i in items if fold(said) in i.words)]
        if len(chosen) != 1:
            return UNCLEAR
        application = found[chosen[0].value]
        if came_back := returned(turn, application.id):
            return Leave(meet(turn, came_back))
        return Leave(_offering(turn, application, told(turn, application)))

    # --- proof --------------------------------------------------------------------------

    def _ask_who(self, turn: Any) -> Reply:
        self._stage(turn, "who")
        return self._footed(turn, self._question(turn))

    def _read_who(self, turn: Any, said: str) -> Reading:
        try:
            proof = send_code(turn, read_asked(turn, said))
        except Fault as fault:
            return Problem(fault.said(turn))
        self._stage(turn, "code", **proof)
        return Stay(Reply(turn.say("progress.code_sent")))

    def _read_code(self, turn: Any, said: str) -> Reading:
        if words("progress").command(said) == "other_phone":
            return Leave(Reply(turn.say("progress.other_phone"), footer=turn.say("footer")))
        code = code_in(said)
        if code is None:
            digits = len(re.sub(r"\D", "", said))
            return Problem(turn.say("problem.code.length", digits=digits)) if digits else UNCLEAR
        verdict = proven(turn, self._notes(turn), code)
        application_id = self._notes(turn).get("application")
        if verdict != "ok" or not application_id:
            return Problem(
                turn.say(f"problem.progress_code.{verdict if verdict != 'ok' else 'wrong'}")
            )
        application = turn.records.get(Application, application_id)
        self._stage(turn, "shown", application=application_id)
        turn.records.flush()
        reply = told(turn, application, turn.say("progress.proven"))
        reply = _offering(turn, application, reply)
        return Stay(replace(reply, options=self._after_options(turn)))

    # --- after it was shown -------------------------------------------------------------

    def _after_options(self, turn: Any) -> tuple[Option, ...]:
        names = ("remember", "bring", "overdue")
        return tuple(
            Option(str(n), turn.say(f"progress.after.{name}")) for n, name in enumerate(names, 1)
        )

    def _read_shown(self, turn: Any, said: str) -> Reading:
        application = self._application(turn)
        options = self._after_options(turn)
        chosen = pick(said, [Item(n, option.label) for n, option in enumerate(options, 1)])
        if application is None or len(chosen) != 1:
            return UNCLEAR
        number = chosen[0].value
        if number == 1 and not application.holder_proven:
            return Problem(turn.say("progress.not_proven"))
        if number == 1:
            bind(turn.records, str(turn.account), application.holder_id, turn.now)
            remembered = Reply(turn.say("progress.remembered"), footer=turn.say("footer"))
            if came_back := opened(turn, application):
                return Leave(meet(turn, came_back, remembered.text))
            return Leave(_offering(turn, application, remembered, "remembered"))
        text = bring(turn, application) if number == 2 else turn.say("progress.overdue")
        return Stay(Reply(text))

    def _application(self, turn: Any) -> Application | None:
        with turn.reading() as records:
            found: Application | None = records.get(
                Application, self._notes(turn).get("application", "")
            )
            records.expunge_all()
        return found


def _offering(
    turn: Any, application: Application, reply: Reply, moment: Moment = "progress"
) -> Reply:
    """With the way to notices, as long as there is anything to come."""
    return reply if application.state in CLOSED else with_offer(turn, reply, moment)
