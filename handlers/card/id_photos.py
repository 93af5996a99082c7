"""The question for the two photos of the ID card: any order, two at once, read in the background.

`draft.facts["photos"]` holds what arrived, by update id: side, fault, document, fields once read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.dialogue.form import Step
from bot.dialogue.messages import LATER, Asks, Kind, Reply
from bot.dialogue.readings import UNCLEAR, Answer, Problem, Reading, Stay
from bot.dialogue.state import Draft
from bot.dialogue.steps import words_of
from bot.dialogue.words import Words
from handlers.card.consents import give_by_doing, styled
from models.documents import delete_document

SIDES = ("front", "back")
PATIENCE = timedelta(
    seconds=20
)  # after which a photo that is still being read is no longer waited for
UNREADABLE = ("no_reader", "unavailable")  # not the photo's fault: the typed path is open


@dataclass(frozen=True, kw_only=True)
class IdPhotos(Step):
    """Front and back of the card. Where the city does not ask apart, sending one is the consent."""

    words: Callable[[Any], Words]

    @property
    def fields(self) -> tuple[str, ...]:
        return ("id_photos",)

    def ask(self, turn: Any, draft: Draft) -> Reply:
        sides = {p.get("side") for p in photos(draft).values()}
        if len(photos(draft)) > 1 and pending(draft):
            return Reply(turn.say(self.key("still_reading")))
        if len(sides) == 1 and sides < set(SIDES):
            return Reply(turn.say(self.key("ask_back" if "front" in sides else "ask_front")))
        if len(sides) == 1:
            return Reply(turn.say(self.key("one_of_two")))
        return Reply(styled(turn, self.key("ask")))

    def asks(self, turn: Any, draft: Draft) -> Asks:
        return "photo"

    def read(self, turn: Any, draft: Draft) -> Reading:
        if turn.update.kind is Kind.IMAGE:
            return self._photo(turn, draft)
        if self.words(turn).command(words_of(turn)) == "type_instead":
            return typed_instead(turn, draft, "")
        if pending(draft) and not asked_for_the_other(draft):
            return self._impatient(turn, draft)
        return UNCLEAR

    def _photo(self, turn: Any, draft: Draft) -> Reading:
        give_by_doing(turn, draft, "sensitive", styled(turn, self.key("ask")))
        photo = turn.update
        photos(draft)[photo.id] = {"since": turn.now.isoformat()}
        turn.start_job(
            "read_id_photo",
            {"draft": draft.id, "photo": photo.id, "media": astuple(photo.media)},
        )
        return LATER

    def _impatient(self, turn: Any, draft: Draft) -> Reading:
        since = max(datetime.fromisoformat(p["since"]) for p in pending(draft))
        if turn.now - since < PATIENCE:
            return Stay(Reply(turn.say(self.key("still_reading"))))
        return typed_instead(turn, draft, turn.say(self.key("too_slow")))

    def valid(self, turn: Any, draft: Draft) -> bool:
        return "id_photos" in draft.answers

    def show(self, turn: Any, draft: Draft) -> str:
        return ""

    def texts(self) -> tuple[str, ...]:
        own = (
            "ask",
            "ask_each",
            "ask_front",
            "ask_back",
            "got_front",
            "got_back",
            "one_of_two",
            "two_at_once",
            "still_reading",
            "too_slow",
            "same_side",
            "again_front",
            "again_back",
            "typed",
            "unread",
        )
        return tuple(self.key(name) for name in own)

    def longest(self, say: Callable[[str], str]) -> Sequence[str]:
        asked = [say(self.key("ask")), say(self.key("ask_each"))]
        return [*asked, f"{say(self.key('got_back'))}\n{say(self.key('ask_front'))}"]


# --- what is known of the photos -------------------------------------------------------------


def photos(draft: Draft) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = draft.facts.setdefault("photos", {})
    return found


def pending(draft: Draft) -> list[dict[str, Any]]:
    """Photos that nobody has had the last word on."""
    return [p for p in photos(draft).values() if "fields" not in p and "fault" not in p]


def asked_for_the_other(draft: Draft) -> bool:
    """Whether the person has the next thing to do: one side is known, the other is to be sent."""
    sent = list(photos(draft).values())
    return len(sent) == 1 and bool(sent[0].get("acked"))


def card_read(draft: Draft) -> dict[str, Any]:
    """What was read of the last photo of each side, by field; empty where nothing could be read."""
    last = {photo.get("side"): photo.get("fields", {}) for photo in photos(draft).values()}
    return {name: value for fields in last.values() for name, value in fields.items()}


def documents(draft: Draft) -> dict[str, str]:
    """The stored photo of each side, the last one sent."""
    return {
        p["side"]: p["document"]
        for p in photos(draft).values()
        if p.get("side") in SIDES and "document" in p
    }


def typed_instead(turn: Any, draft: Draft, said: str) -> Reading:
    """Go on without anything read: name and number are typed; the photos stay for staff."""
    draft.facts["read"] = {}
    return Answer({"id_photos": documents(draft)}, said=said or turn.say("card.id.typed"))


# --- what the background reports -------------------------------------------------------------


def on_id_photo(turn: Any, draft: Draft) -> Reading | None:
    """One report on one photo: its side at once, then (`fields` or a fault) what was read."""
    data, sent = turn.update.data, photos(draft)
    name = data.get("photo") or turn.update.answers
    if name not in sent or draft.step != "id":
        return Stay(None)  # nobody waits for it any more
    photo = sent[name]
    told = photo.get("side") if photo.get("acked") else None
    if data.get("error") and "side" not in photo:  # it was never stored
        del sent[name]
        return Problem(turn.say("problem.photo.unavailable"))
    if data.get("fault") in UNREADABLE or data.get("error"):
        photo.update(side="unknown", fields={})
    elif fault := data.get("fault"):
        del sent[name]
        if document := data.get("document"):  # nobody needs what cannot be read
            delete_document(turn.records, document, turn.now)
        which = turn.say(f"card.id.again_{told}") if told in SIDES else ""
        return Problem(which + turn.say(f"problem.photo.{fault}"))
    photo.update({k: data[k] for k in ("side", "fields", "document") if k in data})
    if len(sent) > 1:
        return _of_several(turn, draft, photo)
    known = photo["side"] in SIDES or "fields" in photo
    return _alone(turn, photo) if known and photo["side"] != told else None


def _alone(turn: Any, photo: dict[str, Any]) -> Reading:
    """The only photo so far: name its side, ask for the other."""
    photo["acked"] = True
    if photo["side"] not in SIDES:
        return Stay(Reply(turn.say("card.id.one_of_two")))
    other = "back" if photo["side"] == "front" else "front"
    return Stay(Reply(turn.say(f"card.id.got_{photo['side']}") + turn.say(f"card.id.ask_{other}")))


def _of_several(turn: Any, draft: Draft, photo: dict[str, Any]) -> Reading | None:
    """One message acknowledges the first of two; the other one gets the outcome of both."""
    sent = photos(draft)
    if any("fields" not in p for p in sent.values()):
        if any(p.get("acked") for p in sent.values()):
            return None
        photo["acked"] = True
        return Stay(Reply(turn.say("card.id.two_at_once")))
    turn.answers = next((n for n, p in sent.items() if not p.get("acked")), turn.answers)
    sides = {p["side"] for p in sent.values()}
    if len(sides) == 1 and sides < set(SIDES):
        return _same_side(turn, sent)
    for each in sent.values():
        each["acked"] = True
    read = card_read(draft)
    if not ("name" in read and "id_number" in read):
        return typed_instead(turn, draft, turn.say("card.id.unread"))
    draft.facts["read"] = read
    return Answer({"id_photos": documents(draft)})


def _same_side(turn: Any, sent: dict[str, dict[str, Any]]) -> Reading:
    newest, photo = list(sent.items())[-1]
    for older in sent.values():
        if older is not photo and "document" in older:
            delete_document(turn.records, older["document"], turn.now)
    sent.clear()
    sent[newest] = {**photo, "acked": True}
    other = "back" if photo["side"] == "front" else "front"
    return Problem(turn.say("card.id.same_side") + turn.say(f"card.id.ask_{other}"))
