"""The conversation: whose card, if need be the proof, then what was wanted."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bot.dialogue.messages import Asks, Option, Outcome, Reply
from bot.dialogue.readings import UNCLEAR, Fault, Leave, Problem, Reading, Stay, Unclear
from bot.dialogue.steps import words_of
from bot.dialogue.words import Item, fold, pick
from handlers.collecting import moving, picking_up, posting, switching_on
from handlers.collecting.cards import (
    BY_PROOF,
    NOTES,
    WANTS,
    MovedOn,
    cards_for,
    concerns,
    remembered,
    the_card,
)
from handlers.collecting.stages import Ask, Enter, Next, Read, options
from handlers.progress.proof import proven, read_asked, send_code
from handlers.progress.shown import option, read_progress, telling
from handlers.waiting import own_applications
from handlers.words import words
from models.applications import Application
from models.one_time_codes import code_in
from models.progress import shown_first, tail

MOST_LISTED = 5
IN_PASSING = ("pickup", "activate")
"""Wishes that the FAQ answers for who has no such card, and that can be answered in between."""
_PART_OF = {
    "confirm_on": "activate",
    "on": "activate",
    "not_yet": "activate",
    "drop_move": "move_branch",
}
"""What else can be chosen, and of which wish it is a step."""
IN_THE_FORM = ("move_branch", "new_address", "change_bank")
"""Wishes that, without an application, are about the form that is being filled in."""

_NAMED = (
    ("new_address", ("地址", "address")),
    ("change_bank", ("银行", "开户", "bank")),
    ("move_branch", ("网点", "支行", "branch")),
)
"""What is to be changed, by words of a sentence that wants something changed."""

ENTER: Mapping[str, Enter] = {
    "pickup": picking_up.pickup,
    "collect_code": picking_up.collect_code,
    "collect_agent": picking_up.collect_agent,
    "revoke_agent": picking_up.revoke_agent,
    "activate": switching_on.activate,
    "confirm_on": switching_on.confirm_on,
    "on": switching_on.on,
    "not_yet": switching_on.not_yet,
    "move_branch": moving.move_branch,
    "change_bank": moving.move_branch,
    "drop_move": moving.stay,
    "card_received": posting.card_received,
    "new_address": posting.new_address,
}
STAGES: Mapping[str, tuple[Ask, Read, Asks]] = {
    "agent": (picking_up.ask_agent, picking_up.read_agent, "text"),
    "branch": (moving.ask_branch, moving.read_branch, "choice"),
    "bank_consent": (moving.ask_consent, moving.read_consent, "consent"),
    "address": (posting.ask_address, posting.read_address, "place"),
}


class CollectTalk:
    """`stage` is whose | who | code | choose, or one of `STAGES`."""

    name = NOTES
    intents = (*WANTS, "modify")

    def __init__(
        self,
        menu: Callable[[Any, str], Reply],
        in_the_form: Callable[[Any, str], Outcome],
    ) -> None:
        self._menu, self._in_the_form = menu, in_the_form

    # --- the router's side --------------------------------------------------------------

    def begin(self, turn: Any, intent: str) -> Outcome:
        intent = _meant(turn, intent)
        if intent not in WANTS:
            return None
        found = cards_for(turn, intent)
        if len(found) == 1:
            return self.enter(turn, intent, found[0])
        if found:
            self._stage(turn, "whose", want=intent)
            return self.question(turn, "")
        if intent in IN_PASSING:
            return None
        if own := shown_first(own_applications(turn)):
            return self._not_now(turn, intent, own[0])
        if intent in BY_PROOF:
            self._stage(turn, "who", want=intent)
            return self.question(turn, "")
        if intent in IN_THE_FORM:
            return self._in_the_form(turn, "modify")
        return Reply(turn.say(f"collecting.nothing.{intent}"), footer=turn.say("footer"))

    def aside(self, turn: Any, intent: str) -> str | None:
        """Where the card is, or what is left to do, in the middle of something else."""
        if intent == "card_received" and not own_applications(turn):
            return str(
                turn.say("collecting.nothing.card_received")
            )  # 收到 is what many say to anything
        found = cards_for(turn, intent) if intent in IN_PASSING else []
        return ENTER[intent](turn, found[0]).reply.text if len(found) == 1 else None

    def read(self, turn: Any) -> Reading:
        match remembered(turn).get("stage"):
            case "whose":
                return self._read_whose(turn)
            case "who":
                return self._read_who(turn)
            case "code":
                return self._read_code(turn)
        card, stage = the_card(turn), remembered(turn).get("stage", "")
        want = remembered(turn).get("want", "")
        if card is None or want not in WANTS:
            return Leave(self._left(turn, turn.say("collecting.over")))
        if stage == "choose":
            return self._read_choice(turn, card)
        return self._tried(turn, want, card, STAGES[stage][1])

    def take(self, turn: Any, reading: Reading) -> Outcome:
        match reading:
            case Stay(reply=reply):
                remembered(turn)["tries"] = 0
                return self._footed(turn, reply) if reply else None
            case Leave(reply=outcome):
                return outcome
            case Problem(text=text):
                return self._failed(turn, Reply(text))
            case Unclear() if remembered(turn).get("stage") == "choose":
                return self._left(turn, turn.say("not_understood"))
        return self._failed(turn, self.question(turn, turn.say("form.not_understood")))

    def question(self, turn: Any, before: str) -> Reply:
        reply = self._footed(turn, self._question(turn))
        return reply.preceded_by(before) if before else reply

    def command(self, turn: Any, command: str) -> Outcome | Unclear:
        match command.split(" ", 1):
            case ["back" | "menu" | "cancel"]:
                return self._left(turn, "")
            case ["resume" | "help"]:
                return self.question(turn, "")
            case ["intent", wanted]:
                return self.begin(turn, wanted)
        return Unclear()

    def result(self, turn: Any) -> Outcome:
        return None

    # --- going on -------------------------------------------------------------------------

    def enter(self, turn: Any, want: str, card: Application) -> Reply:
        """What somebody wants of this card: done, or asked."""
        remembered(turn).update(application=card.id)
        try:
            return self._footed(turn, self._go(turn, want, card, ENTER[want](turn, card)))
        except MovedOn as moved:
            return self._not_now(turn, want, moved.card)

    def _tried(self, turn: Any, want: str, card: Application, step: Read) -> Reading:
        """What an answer leads to, if the card is still where the wish concerns it."""
        try:
            if not concerns(turn, want, card):
                raise MovedOn(card)
            found = step(turn, card)
        except MovedOn as moved:
            return Leave(self._not_now(turn, want, moved.card))
        return Stay(self._go(turn, want, card, found)) if isinstance(found, Next) else found

    def _go(self, turn: Any, want: str, card: Application, to: Next) -> Reply:
        """Open the next stage, or give up the floor; a proof goes on as long as it holds."""
        kept = {name: remembered(turn)[name] for name in ("proven",) if name in remembered(turn)}
        if to.stage:
            now = {"want": want, "application": card.id}
            self._stage(turn, to.stage, **now, **kept, **(to.keep or {}))
        else:
            turn.session.talk = ""
            turn.session.notes.pop(NOTES, None)
        return to.reply

    def _stage(self, turn: Any, stage: str, **more: Any) -> None:
        turn.session.talk = self.name
        turn.session.notes[NOTES] = {"stage": stage, "tries": 0, **more}

    def _left(self, turn: Any, before: str) -> Reply:
        turn.session.talk = ""
        turn.session.notes.pop(NOTES, None)
        return self._menu(turn, before)

    def _not_now(self, turn: Any, want: str, card: Application) -> Reply:
        """The card is not where this can be done: how far it is."""
        turn.session.talk = ""
        turn.session.notes.pop(NOTES, None)
        told, progress = telling(turn), read_progress(turn, card)
        where = f"{told.headline(progress)}\n{told.detail(progress)}"
        text = turn.say(f"collecting.not_now.{want}", where=where)
        return Reply(text, footer=turn.say("footer"))

    def _footed(self, turn: Any, reply: Reply) -> Reply:
        if turn.session.talk != self.name:
            return replace(reply, footer=turn.say("footer"))
        stage = remembered(turn).get("stage", "")
        asks: Asks = STAGES[stage][2] if stage in STAGES else "code" if stage == "code" else "text"
        return replace(reply, footer=turn.say("footer"), asks="choice" if reply.options else asks)

    def _failed(self, turn: Any, reply: Reply) -> Reply:
        notes = remembered(turn)
        notes["tries"] = notes.get("tries", 0) + 1
        if notes["tries"] >= 3:
            reply = replace(reply, text=f"{reply.text}\n{turn.say('form.third_failure')}")
        return replace(reply, footer=turn.say("footer"))

    def _question(self, turn: Any) -> Reply:
        notes = remembered(turn)
        stage, card = notes.get("stage", ""), the_card(turn)
        match stage:
            case "whose":
                return Reply(turn.say("collecting.whose"), self._whose(turn))
            case "who":
                return Reply(turn.say("progress.who"))
            case "code":
                return Reply(turn.say("progress.code"))
        if card is None or stage not in (*STAGES, "choose"):
            return Reply(turn.say("collecting.over"))
        if stage == "choose":
            return Reply(turn.say("progress.what_else"), options(turn, notes["wants"]))
        return STAGES[stage][0](turn, card)

    # --- reading ----------------------------------------------------------------------------

    def _read_choice(self, turn: Any, card: Application) -> Reading:
        wants = remembered(turn)["wants"]
        labels = [Item(want, o.label) for want, o in zip(wants, options(turn, wants), strict=True)]
        chosen = pick(words_of(turn), labels) if words_of(turn) else []
        if len(chosen) != 1:
            return UNCLEAR
        want = chosen[0].value
        return self._tried(turn, _PART_OF.get(want, want), card, ENTER[want])

    def _whose(self, turn: Any) -> tuple[Option, ...]:
        found = cards_for(turn, remembered(turn)["want"])[:MOST_LISTED]
        return tuple(Option(str(n), option(turn, card)) for n, card in enumerate(found, 1))

    def _read_whose(self, turn: Any) -> Reading:
        want, said = remembered(turn)["want"], words_of(turn)
        found = cards_for(turn, want)[:MOST_LISTED]
        items = [
            Item(card, label.label, (tail(card.number),))
            for card, label in zip(found, self._whose(turn), strict=True)
        ]
        named = [item for item in items if fold(said) in item.words]
        chosen = named or (pick(said, items) if said else [])
        if len(chosen) != 1:
            return UNCLEAR
        return Stay(self.enter(turn, want, chosen[0].value))

    def _read_who(self, turn: Any) -> Reading:
        if not (said := words_of(turn)):
            return UNCLEAR
        try:
            proof = send_code(turn, read_asked(turn, said))
        except Fault as fault:
            return Problem(fault.said(turn))
        self._stage(turn, "code", want=remembered(turn)["want"], proof=proof)
        return Stay(Reply(turn.say("progress.code_sent")))

    def _read_code(self, turn: Any) -> Reading:
        said = words_of(turn)
        if words("progress").command(said) == "other_phone":
            text = Reply(turn.say("progress.other_phone"), footer=turn.say("footer"))
            self._left(turn, "")
            return Leave(text)
        code, notes = code_in(said), remembered(turn)
        if code is None:
            digits = len(re.sub(r"\D", "", said))
            return Problem(turn.say("problem.code.length", digits=digits)) if digits else UNCLEAR
        verdict, wanted = proven(turn, notes["proof"], code), notes["proof"]["application"]
        if verdict != "ok" or not wanted:
            problem = verdict if verdict != "ok" else "wrong"
            return Problem(turn.say(f"problem.progress_code.{problem}"))
        return Stay(self._proven(turn, notes["want"], wanted))

    def _proven(self, turn: Any, want: str, application_id: str) -> Reply:
        """The code was right: what was wanted, if it can be done now."""
        turn.records.flush()
        notes = remembered(turn)
        notes.update(application=application_id, proven=turn.now.isoformat())
        card = the_card(turn)
        if card is not None and concerns(turn, want, card):
            return self.enter(turn, want, card)
        return self._not_now(turn, want, turn.records.get_one(Application, application_id))


def _meant(turn: Any, intent: str) -> str:
    """What a sentence wants: 换个离家近的网点领 is about a card, where there is one that can go to
    another branch and no form is being filled in; 银行开户失败怎么办 is no question about switching
    on, where a bank has failed."""
    if intent not in ("modify", "activate") or turn.session.drafts:
        return intent
    said = fold(words_of(turn))
    if intent == "activate" and "开户" not in said:
        return intent
    named = (want for want, names in _NAMED if any(name in said for name in names))
    return next((want for want in named if cards_for(turn, want)), intent)
