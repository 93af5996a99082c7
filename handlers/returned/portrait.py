"""The photo again: another of the person's own, or the one on file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.dialogue.messages import LATER, Later, Reply
from bot.dialogue.readings import UNCLEAR, Problem, Reading
from bot.dialogue.state import Draft
from bot.dialogue.steps import numbered
from bot.dialogue.words import Item, pick
from handlers.card.checked import portrait_on_file
from handlers.card.identity import on_person
from handlers.card.portrait import Portrait
from handlers.card.portrait_words import refusal
from handlers.returned.draft import is_wanted
from models.documents import delete_document, was_given_before

ON_FILE_WANTED = "on_file_wanted"  # in the draft's facts: the question opens with the photo on file


OTHERWISE = frozenset({"send", "refused"})
"""What a correction says in other words than the card form."""
_CHOICES = ("use", "another")
_ASKED = ("own", "fits", "unsure", "on_file", "again")


@dataclass(frozen=True, kw_only=True)
class Retaken(Portrait):
    """The form's own question, opened where the photo is sent at once."""

    def key(self, what: str) -> str:
        return f"returned.portrait.{what}" if what in OTHERWISE else super().key(what)

    def enter(self, turn: Any, draft: Draft) -> Later | None:
        if draft.facts.pop(ON_FILE_WANTED, False):
            fetch(turn, draft)
            return LATER
        draft.inner = {"another": True}
        return None

    def ask(self, turn: Any, draft: Draft) -> Reply:
        if draft.inner == {} and self.on_file(draft) is None:  # there is none, as it turned out
            draft.inner = {"another": True}
            none = turn.say("problem.portrait.none_on_file")
            return super().ask(turn, draft).preceded_by(none)
        reply = super().ask(turn, draft)
        asked = "problem" not in draft.inner and reply.options
        return self._last(turn, draft, reply) if asked and is_alone(draft) else reply

    def _last(self, turn: Any, draft: Draft, reply: Reply) -> Reply:
        """Where nothing else is to be mended, taking the photo is handing in."""
        source, document = self._offered(draft)
        key = self._question(draft, source, document in draft.facts.get("shown", []))
        key = "again" if key.endswith("_again") else key
        labels = [Item(name, turn.say(f"returned.portrait.option.{name}")) for name in _CHOICES]
        return replace(reply, text=turn.say(f"returned.portrait.{key}"), options=numbered(labels))

    def _ask_another(self, turn: Any, draft: Draft, problem: Mapping[str, Any]) -> Reply:
        """登记照 is a way out before anybody has asked for the photo on file."""
        reply = super()._ask_another(turn, draft, problem)
        may = bool(draft.facts.get("may_use_file"))
        return replace(reply, text=refusal(self, turn, draft, problem, on_file=may))

    def _items(self, turn: Any, values: Sequence[str]) -> list[Item]:
        """As anywhere; handing in is a word for using it."""
        return [
            replace(item, words=(*item.words, turn.say(f"returned.portrait.option.{item.value}")))
            if item.value in _CHOICES
            else item
            for item in super()._items(turn, values)
        ]

    def _wants_on_file(self, turn: Any, draft: Draft, said: str) -> Reading:
        """登记照: asked of the office now, where it has not been."""
        words = turn.say(self.key("on_file_words")).split()
        if not pick(said, [Item("on_file", words[0], tuple(words[1:]))]):
            return UNCLEAR
        if not draft.facts.get("may_use_file"):
            return Problem(turn.say("returned.portrait.not_on_file"))
        if portrait_on_file(draft) is None and "portrait" not in draft.facts:
            fetch(turn, draft)
            return LATER
        return super()._wants_on_file(turn, draft, said)

    def texts(self) -> tuple[str, ...]:
        own = ("not_on_file", "same", *_ASKED, *(f"option.{name}" for name in _CHOICES))
        return (*super().texts(), *(f"returned.portrait.{name}" for name in own))

    def longest(self, say: Any) -> Sequence[str]:
        return [say(self.key("send")), say("returned.portrait.unsure")]


def is_alone(draft: Draft) -> bool:
    """Whether the photo is all that is mended."""
    return bool(draft.facts.get("mend") == ["portrait"])


def fetch(turn: Any, draft: Draft) -> None:
    """Ask for the photo on file; the question waits for it."""
    draft.facts.pop("portrait", None)
    draft.facts["asked_by"] = turn.update.id
    draft.inner = {"fetching": turn.now.isoformat()}
    claim = {name: draft.answers[name] for name in ("name", "id_number")}
    turn.start_job("check_person", {"draft": draft.id, **claim})


def on_fetched(turn: Any, draft: Draft) -> Reading | None:
    """The offices answered. Who waits for the photo waits on while the rest is told."""
    fetching = draft.step == "portrait" and "fetching" in draft.inner
    if fetching and "portrait" not in turn.update.data and not turn.update.data.get("error"):
        return None
    return on_person(turn, draft)


def on_retaken(turn: Any, draft: Draft) -> Reading | None:
    """Another photo is stored: not the one that came back already."""
    data = turn.update.data
    document = data.get("original") or data.get("document")
    if document and draft.step == "portrait" and _is_old(turn, draft, document):
        for each in {document, data.get("document"), data.get("framed")} - {None}:
            delete_document(turn.records, each, turn.now)
        draft.inner = {"another": True}
        return Problem(turn.say("returned.portrait.same"))
    return RETAKEN.taken(turn, draft)


def _is_old(turn: Any, draft: Draft, document: str) -> bool:
    return was_given_before(turn.records, document, draft.facts["application"])


RETAKEN = Retaken(name="portrait", section="check", when=is_wanted("portrait"))
