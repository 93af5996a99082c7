"""The portrait: the one on file shown as a picture, or another photo sent now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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

ON_FILE, OWN = "on_file", "own"
PATIENCE = timedelta(seconds=20)


@dataclass(frozen=True, kw_only=True)
class Portrait(Step):
    """Fills `portrait` with {"source": on_file | own, "document": id}."""

    def enter(self, turn: Any, draft: Draft) -> Later | None:
        """Who is known to the identity office may have a photo on file: its answer is awaited."""
        if not proof_of(draft).is_proven or "portrait" in draft.facts:
            return None
        draft.inner = {"fetching": turn.now.isoformat()}
        return LATER

    def ask(self, turn: Any, draft: Draft) -> Reply:
        if "fetching" in draft.inner:
            return Reply(turn.say(self.key("still_fetching")))
        source, document = self._offered(draft)
        if document is None:
            key = "send" if draft.inner.get("another") else "none_on_file"
            return Reply(turn.say(self.key(key)))
        again = document in draft.facts.get("shown", [])
        key = f"{source}_again" if again else source
        picture = (
            None
            if again
            else Picture(
                document, turn.say("card.portrait.watermark"), turn.say("card.portrait.caption")
            )
        )
        return Reply(turn.say(self.key(key)), numbered(self._items(turn, source)), picture=picture)

    def asks(self, turn: Any, draft: Draft) -> Asks:
        return "photo"

    def _offered(self, draft: Draft) -> tuple[str, str | None]:
        """The photo in question: one of the person's own, else the one on file, else none."""
        if own := draft.inner.get("document"):
            return OWN, own
        if draft.inner.get("another"):
            return OWN, None
        return ON_FILE, portrait_on_file(draft)

    def _seen(self, draft: Draft) -> None:
        """Whoever does something at the question has seen the picture: it is sent once."""
        _, document = self._offered(draft)
        shown: list[str] = draft.facts.setdefault("shown", [])
        if document and document not in shown:
            shown.append(document)

    def _items(self, turn: Any, source: str) -> list[Item]:
        return [
            Item(
                value,
                turn.say(self.key(f"option.{value}")),
                tuple(turn.say(self.key(f"option_words.{value}")).split()),
            )
            for value in ("use", "another")
        ]

    def read(self, turn: Any, draft: Draft) -> Reading:
        self._seen(draft)
        if turn.update.kind is Kind.IMAGE:
            return self._photo(turn, draft)
        if "fetching" in draft.inner:
            return self._fetching(turn, draft)
        said = words_of(turn)
        if "waiting" in draft.inner:
            return self._waiting(turn, draft)
        source, document = self._offered(draft)
        if not said:
            return UNCLEAR
        if document is None:
            return self._wants_on_file(turn, draft, said)
        found = pick(said, self._items(turn, source))
        if len(found) != 1:
            return self._wants_on_file(turn, draft, said) if source == OWN else UNCLEAR
        if found[0].value == "use":
            return Answer({"portrait": {"source": source, "document": document}})
        draft.inner = {"another": True}
        return Stay(self.ask(turn, draft))

    def _wants_on_file(self, turn: Any, draft: Draft, said: str) -> Reading:
        """登记照: back to the photo on file, where there is one."""
        words = turn.say(self.key("on_file_words")).split()
        if not pick(said, [Item(ON_FILE, words[0], tuple(words[1:]))]):
            return UNCLEAR
        document = portrait_on_file(draft)
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
        turn.start_job("take_portrait", {"draft": draft.id, "media": astuple(turn.update.media)})
        return LATER

    def _waiting(self, turn: Any, draft: Draft) -> Reading:
        if turn.now - datetime.fromisoformat(draft.inner["waiting"]) < PATIENCE:
            return Stay(Reply(turn.say(self.key("still_taking"))))
        draft.inner = {"another": True}
        return Problem(turn.say("problem.photo.unavailable"))

    def retreat(self, turn: Any, draft: Draft) -> bool:
        self._seen(draft)
        if draft.inner.get("another") and portrait_on_file(draft):
            draft.inner = {}
            return True
        return False

    def show(self, turn: Any, draft: Draft) -> str:
        return str(turn.say(self.key(f"shown.{draft.answers['portrait']['source']}")))

    def options_at_most(self) -> int:
        return 2

    def texts(self) -> tuple[str, ...]:
        own = (
            "on_file",
            "on_file_again",
            "own",
            "own_again",
            "none_on_file",
            "send",
            "watermark",
            "caption",
            "option.use",
            "option.another",
            "option_words.use",
            "option_words.another",
            "on_file_words",
            "still_taking",
            "still_fetching",
            "shown.on_file",
            "shown.own",
            "label",
        )
        return tuple(self.key(name) for name in own)

    def longest(self, say: Callable[[str], str]) -> Sequence[str]:
        return [say(self.key("none_on_file")), say(self.key("send"))]

    def longest_shown(self, say: Callable[[str], str]) -> Sequence[str]:
        return [say(self.key("shown.on_file")), say(self.key("shown.own"))]


def on_portrait(turn: Any, draft: Draft) -> Reading | None:
    """A photo of the person's own is stored, or cannot be."""
    data = turn.update.data
    if draft.step != "portrait" or draft.inner.get("photo") != turn.update.answers:
        return Stay(None)  # another photo was sent since, or none is wanted any more
    if fault := data.get("fault") or data.get("error"):
        draft.inner = {"another": True}
        return Problem(turn.say(f"problem.photo.{fault}"))
    draft.inner = {"another": True, "document": data["document"]}
    step = _STEP
    return Stay(step.ask(turn, draft))


def found_on_file(turn: Any, draft: Draft, document: str | None) -> Reading | None:
    """The office's photo, or that there is none; asked about now where the question waits for it,
    as the answer to the message that opened the question."""
    draft.facts["portrait"] = document
    if draft.step != "portrait" or "fetching" not in draft.inner:
        return Stay(None)
    draft.inner = {}
    turn.answers = draft.facts.get("held", ["", True, turn.answers])[2]
    return Ready()


_STEP = Portrait(name="portrait", section="check", form="card")
