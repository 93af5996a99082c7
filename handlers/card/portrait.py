"""The portrait: the one on file shown as a picture, or another photo sent now, measured and cut.

A correction asks it as well: with a step of its own and the texts in `otherwise` its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.dialogue.form import Step
from bot.dialogue.messages import LATER, Asks, Kind, Later, Picture, Reply
from bot.dialogue.readings import UNCLEAR, Answer, Problem, Reading, Ready, Stay
from bot.dialogue.state import Draft
from bot.dialogue.steps import numbered, words_of
from bot.dialogue.words import Item, pick
from handlers.card.checked import portrait_on_file, proof_of
from handlers.card.portrait_words import (
    INSIST,
    TEXTS,
    is_sure,
    offers_help,
    refusal,
    refused_before,
    took_down,
    wrong_words,
)

ON_FILE, OWN = "on_file", "own"
PATIENCE = timedelta(seconds=20)
AGREE = ("use", "another")


def _id_photo(draft: Draft) -> str | None:
    found: str | None = draft.answers.get("id_photos", {}).get("front")
    return found


@dataclass(frozen=True, kw_only=True)
class Portrait(Step):
    """Fills `portrait` with its `source` (on_file or own), the `document` that is printed, and the
    `measures`; of an own photo also the `original`, as it came, and the fault that the person
    `insisted` on, if any.

    `otherwise` names the texts that its form words itself, under the form's own name; `on_file`
    finds the document of the portrait on file, `id_photo` that of the ID card's photo.
    """

    otherwise: frozenset[str] = frozenset()
    on_file: Callable[[Draft], str | None] = portrait_on_file
    id_photo: Callable[[Draft], str | None] = _id_photo

    def key(self, what: str) -> str:
        return f"{self.form if what in self.otherwise else 'card'}.portrait.{what}"

    def enter(self, turn: Any, draft: Draft) -> Later | None:
        """Who is known to the identity office may have a photo on file: its answer is awaited."""
        if not proof_of(draft).is_proven or "portrait" in draft.facts:
            return None
        draft.inner = {"fetching": turn.now.isoformat()}
        return LATER

    # --- asking -------------------------------------------------------------------------

    def ask(self, turn: Any, draft: Draft) -> Reply:
        if "fetching" in draft.inner:
            return Reply(turn.say(self.key("still_fetching")))
        if problem := draft.inner.get("problem"):
            return self._ask_another(turn, draft, problem)
        source, document = self._offered(draft)
        if document is None:
            key = "send" if draft.inner.get("another") else "none_on_file"
            return Reply(turn.say(self.key(key)))
        again = document in draft.facts.get("shown", [])
        caption = "caption" if source == ON_FILE else "caption_own"
        picture = None if again else self._picture(turn, document, caption)
        said = turn.say(self.key(self._question(draft, source, again)))
        return Reply(said, numbered(self._items(turn, AGREE)), picture=picture)

    def _question(self, draft: Draft, source: str, again: bool) -> str:
        if again or source == ON_FILE:
            return f"{source}_again" if again else source
        measures = draft.inner.get("measures", [])
        return ("fits" if is_sure(measures) else "unsure") if measures else OWN

    def _ask_another(self, turn: Any, draft: Draft, problem: Mapping[str, Any]) -> Reply:
        """What is to be mended, with the photo in a frame when it is said for the first time."""
        said = refusal(self, turn, draft, problem, on_file=self.on_file(draft) is not None)
        framed = problem.get("framed")
        shown = framed is None or framed in draft.facts.get("shown", [])
        picture = None if shown else self._picture(turn, framed, "caption_fault")
        options = numbered(self._items(turn, INSIST)) if offers_help(draft) else ()
        return Reply(said, options, picture=picture)

    def _picture(self, turn: Any, document: str | None, caption: str) -> Picture:
        watermark, caption = turn.say(self.key("watermark")), turn.say(self.key(caption))
        return Picture(document or "", watermark, caption)

    def asks(self, turn: Any, draft: Draft) -> Asks:
        return "photo"

    def _offered(self, draft: Draft) -> tuple[str, str | None]:
        """The photo in question: one of the person's own, else the one on file, else none."""
        if own := draft.inner.get("document"):
            return OWN, own
        if draft.inner.get("another"):
            return OWN, None
        return ON_FILE, self.on_file(draft)

    def _seen(self, draft: Draft) -> None:
        """Whoever does something at the question has seen the picture: it is sent once."""
        document = draft.inner.get("problem", {}).get("framed") or self._offered(draft)[1]
        shown: list[str] = draft.facts.setdefault("shown", [])
        if document and document not in shown:
            shown.append(document)

    def _items(self, turn: Any, values: Sequence[str]) -> list[Item]:
        return [
            Item(
                value,
                turn.say(self.key(f"option.{value}")),
                tuple(turn.say(self.key(f"option_words.{value}")).split()),
            )
            for value in values
        ]

    # --- reading ------------------------------------------------------------------------

    def read(self, turn: Any, draft: Draft) -> Reading:
        self._seen(draft)
        if turn.update.kind is Kind.IMAGE:
            return self._photo(turn, draft)
        if "fetching" in draft.inner:
            return self._fetching(turn, draft)
        said = words_of(turn)
        if "waiting" in draft.inner:
            return self._waiting(turn, draft)
        if not said:
            return UNCLEAR
        if "problem" in draft.inner:
            return self._after_problem(turn, draft, said)
        source, document = self._offered(draft)
        if document is None:
            return self._wants_on_file(turn, draft, said)
        found = pick(said, self._items(turn, AGREE))
        if len(found) != 1:
            return self._wants_on_file(turn, draft, said) if source == OWN else UNCLEAR
        if found[0].value == "use":
            return self._agreed(draft, source, document)
        draft.inner = {"another": True}
        return Stay(self.ask(turn, draft))

    def _agreed(self, draft: Draft, source: str, document: str) -> Answer:
        more = {name: draft.inner[name] for name in ("original", "measures") if name in draft.inner}
        return Answer({"portrait": {"source": source, "document": document, **more}})

    def _after_problem(self, turn: Any, draft: Draft, said: str) -> Reading:
        """先交: the photo goes to an officer all the same, whenever it is said; the numbers count
        where they are shown."""
        items = self._items(turn, INSIST)
        numbered_now = offers_help(draft) or not said.isdigit()
        match [item.value for item in pick(said, items)] if numbered_now else []:
            case ["insist"]:
                problem = draft.inner["problem"]
                kept = {n: problem[n] for n in ("document", "original", "measures")}
                answer = {"source": OWN, **kept, "insisted": problem["problem"]}
                return Answer({"portrait": answer}, said=turn.say(self.key("insisted")))
            case ["again"]:
                draft.inner = {"another": True}
                return Stay(self.ask(turn, draft))
            case ["counter"]:
                return Stay(Reply(turn.say("counter")))
        return self._wants_on_file(turn, draft, said)

    def _wants_on_file(self, turn: Any, draft: Draft, said: str) -> Reading:
        """登记照: back to the photo on file, where there is one."""
        words = turn.say(self.key("on_file_words")).split()
        if not pick(said, [Item(ON_FILE, words[0], tuple(words[1:]))]):
            return UNCLEAR
        document = self.on_file(draft)
        if document is None:
            return Problem(turn.say("problem.portrait.none_on_file"))
        return Answer({"portrait": {"source": ON_FILE, "document": document}})

    def _fetching(self, turn: Any, draft: Draft) -> Reading:
        if turn.now - datetime.fromisoformat(draft.inner["fetching"]) < PATIENCE:
            return Stay(Reply(turn.say(self.key("still_fetching"))))
        draft.facts["portrait"], draft.inner = None, {}
        return Ready()

    def _photo(self, turn: Any, draft: Draft) -> Reading:
        photo = turn.update.id
        draft.inner = {"another": True, "waiting": turn.now.isoformat(), "photo": photo}
        turn.start_job(
            "take_portrait",
            {
                "draft": draft.id,
                "media": astuple(turn.update.media),
                "refused": refused_before(draft),
                "id_photo": self.id_photo(draft),
            },
        )
        return LATER

    def _waiting(self, turn: Any, draft: Draft) -> Reading:
        if turn.now - datetime.fromisoformat(draft.inner["waiting"]) < PATIENCE:
            return Stay(Reply(turn.say(self.key("still_taking"))))
        draft.inner = {"another": True}
        return Problem(turn.say("problem.photo.unavailable"))

    def taken(self, turn: Any, draft: Draft) -> Reading | None:
        """The job reports: the photo cut to size, what is to be mended, or that it cannot be
        taken at all."""
        data = turn.update.data
        if draft.step != self.name or draft.inner.get("photo") != turn.update.answers:
            return Stay(None)  # another photo was sent since, or none is wanted any more
        draft.inner = {"another": True}
        if fault := data.get("fault") or data.get("error"):
            return Problem(turn.say(f"problem.photo.{fault}"))
        if "problem" in data:
            draft.inner["problem"] = took_down(draft, data)
        else:
            draft.inner |= {n: data[n] for n in ("document", "original", "measures") if n in data}
        return Stay(self.ask(turn, draft))

    # --- the rest -----------------------------------------------------------------------

    def retreat(self, turn: Any, draft: Draft) -> bool:
        self._seen(draft)
        if draft.inner.get("another") and self.on_file(draft):
            draft.inner = {}
            return True
        return False

    def show(self, turn: Any, draft: Draft) -> str:
        return str(turn.say(self.key(f"shown.{draft.answers['portrait']['source']}")))

    def options_at_most(self) -> int:
        return 3

    def texts(self) -> tuple[str, ...]:
        return (*(self.key(name) for name in TEXTS), *wrong_words())

    def longest(self, say: Callable[[str], str]) -> Sequence[str]:
        return [say(self.key(name)) for name in ("none_on_file", "send", "unsure")]

    def longest_shown(self, say: Callable[[str], str]) -> Sequence[str]:
        return [say(self.key("shown.on_file")), say(self.key("shown.own"))]


def found_on_file(turn: Any, draft: Draft, document: str | None) -> Reading | None:
    """The office's photo, or that there is none; asked about now where the question waits for it,
    as the answer to the message that opened the question."""
    draft.facts["portrait"] = document
    if document:
        turn.start_job("measure_on_file", {"draft": draft.id, "document": document}, answers="")
    if draft.step != "portrait" or "fetching" not in draft.inner:
        return Stay(None)
    draft.inner = {}
    turn.answers = draft.facts.get("held", ["", True, turn.answers])[2]
    return Ready()


def measured_on_file(turn: Any, draft: Draft) -> Reading | None:
    """Kept for who reviews; the person hears nothing of it."""
    data = turn.update.data
    if "measures" in data and data["document"] == draft.facts.get("portrait"):
        draft.facts["portrait_measures"] = data["measures"]
    return Stay(None)
