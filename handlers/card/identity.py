"""Who the card is for: the check of what was read, the typed path, and what the offices say."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from bot.dialogue.checks import Check
from bot.dialogue.form import When
from bot.dialogue.messages import LATER, Reply
from bot.dialogue.readings import UNCLEAR, Answer, Fault, Leave, Problem, Reading, Stay
from bot.dialogue.state import Draft
from bot.dialogue.steps import Date, Text, show_date, words_of
from handlers.card.checked import asked_about
from handlers.card.portrait import found_on_file
from handlers.card.values import (
    ETHNICITY,
    ID_NUMBER,
    NAME,
    READ_FROM_CARD,
    is_question,
    show_person,
)
from handlers.words import words
from models.id_numbers import age_on, parse_id_number

PATIENCE = timedelta(seconds=10)  # after which an office that is silent is no longer waited for
_YES = words("card")
_YES_AT_LENGTH = re.compile(r"(?:是[的这啊呀滴]|对[的啊呀]?|没错|就是|确[认实定]|照原样|嗯|错不了)")
PAIRS_A_DAY = 5  # different names and numbers that one account may have checked in a day


def was_read(turn: Any, draft: Draft) -> bool:
    return bool(draft.facts.get("read"))


def not_read(turn: Any, draft: Draft) -> bool:
    return not was_read(turn, draft)


def is_citizen(turn: Any, draft: Draft) -> bool:
    """Only a citizen's card names an ethnicity."""
    number = draft.answers.get("id_number")
    return number is None or parse_id_number(number, turn.today).kind == "RESIDENT_ID"


def asks_ethnicity(turn: Any, draft: Draft) -> bool:
    return not_read(turn, draft) and is_citizen(turn, draft)


def too_young(turn: Any, number: str) -> bool:
    """Whether the holder needs a guardian at the counter."""
    age = age_on(parse_id_number(number, turn.today).birth, turn.today)
    return bool(age < turn.city.ages.guardian_below)


class Waits:
    """A question whose last word is an office's: while it is silent the person is told so, once
    patience is over the form goes on and staff will look."""

    job = "check_person"

    def ask_office(self, turn: Any, draft: Draft, values: dict[str, Any]) -> Reading:
        draft.inner = {**draft.inner, "waiting": turn.now.isoformat(), "values": values}
        asked_about(draft, values["name"], values["id_number"], turn.update.id)
        turn.start_job(
            self.job, {"draft": draft.id, "name": values["name"], "id_number": values["id_number"]}
        )
        return LATER

    def while_waiting(self, turn: Any, draft: Draft) -> Reading | None:
        if "waiting" not in draft.inner:
            return None
        if turn.now - datetime.fromisoformat(draft.inner["waiting"]) < PATIENCE:
            return Stay(Reply(turn.say("card.id_read.still_checking")))
        draft.facts.setdefault("identity", "unavailable")
        return Answer(draft.inner["values"], said=turn.say("card.identity.unavailable"))


class IdRead(Check, Waits):
    """Everything read from the photos at one look; then the offices are asked."""

    def ask(self, turn: Any, draft: Draft) -> Reply:
        if "waiting" in draft.inner:
            return Reply(turn.say(self.key("still_checking")))
        return super().ask(turn, draft)

    def read(self, turn: Any, draft: Draft) -> Reading:
        return self.while_waiting(turn, draft) or super().read(turn, draft)

    def shown(self, turn: Any, draft: Draft, known: dict[str, Any]) -> dict[str, str]:
        """Sex and birth follow from the number; they stand before the ethnicity, as on the card."""
        shown = super().shown(turn, draft, known)
        if "id_number" in known:
            who = show_person(turn, known["id_number"])
            shown["ethnicity"] = turn.say("form.joined").join([who, shown["ethnicity"]])
        return shown

    def show(self, turn: Any, draft: Draft) -> str:
        return show_identity(turn, draft)

    def longest_shown(self, say: Callable[[str], str]) -> Sequence[str]:
        return [say("card.identity_line")]

    def ask_again(self, turn: Any, draft: Draft) -> Reply:
        return self.ask(turn, draft)


class Typed(Text, Waits):
    """Name and number in one message, where no photo could be read."""

    def ask(self, turn: Any, draft: Draft) -> Reply:
        if "waiting" in draft.inner:
            return Reply(turn.say("card.id_read.still_checking"))
        return super().ask(turn, draft)

    def read(self, turn: Any, draft: Draft) -> Reading:
        if waiting := self.while_waiting(turn, draft):
            return waiting
        got = draft.inner.get("got", {})
        if len(got) == len(self.reads) and _agrees(words_of(turn)):
            return confirmed(self, turn, draft, dict(got))
        if is_question(words_of(turn)):
            return UNCLEAR
        reading = super().read(turn, draft)
        if isinstance(reading, Answer):
            draft.inner["got"] = dict(reading.values)
            return confirmed(self, turn, draft, dict(reading.values))
        return reading

    def show(self, turn: Any, draft: Draft) -> str:
        return show_identity(turn, draft)


def _agrees(said: str) -> bool:
    """是的就是这个: asked whether a name is right, nobody answers with another of that sort."""
    return _YES.command(said) in ("yes", "confirm") or bool(_YES_AT_LENGTH.match(said))


def show_identity(turn: Any, draft: Draft) -> str:
    """身份：陈国强，男，1990年3月7日，119***********0019"""
    number = draft.answers.get("id_number", "")
    known = parse_id_number(number, turn.today)
    return str(
        turn.say(
            "card.identity_line",
            name=draft.answers["name"],
            sex=turn.say(f"card.sex.{known.sex}"),
            birth=turn.say("form.date", day=known.birth),
            number=ID_NUMBER.show(turn, draft, number),
        )
    )


def confirmed(step: Waits, turn: Any, draft: Draft, values: dict[str, Any]) -> Reading:
    """The person says it is right: what the number alone tells, then the offices."""
    if too_young(turn, values["id_number"]):
        return Leave(Reply(turn.say("card.too_young"), footer=turn.say("footer")))
    until = values.get("valid_until", "")
    if until[:1].isdigit() and date.fromisoformat(until) < turn.today:
        return Problem(turn.say("problem.valid_until.over", until=show_date(turn, until)))
    if (
        draft.facts.get("asked") == [values["name"], values["id_number"]]
        and "identity" in draft.facts
    ):
        return told(turn, draft, values)
    if _too_many(turn, values):
        draft.facts.update(asked=[values["name"], values["id_number"]], identity="unavailable")
        return told(turn, draft, values)
    return step.ask_office(turn, draft, values)


def _too_many(turn: Any, values: dict[str, Any]) -> bool:
    """One account may try a few names and numbers a day: the register is nobody's to search."""
    tried = turn.session.notes.get("identity_checks", {})
    if tried.get("day") != turn.today.isoformat():
        tried = {"day": turn.today.isoformat(), "pairs": []}
    pair = turn.keys.index("claim", "name and number", f"{values['name']} {values['id_number']}")
    if pair not in tried["pairs"]:
        tried["pairs"] = [*tried["pairs"], pair][: PAIRS_A_DAY + 1]
    turn.session.notes["identity_checks"] = tried
    return len(tried["pairs"]) > PAIRS_A_DAY and pair not in tried["pairs"][:PAIRS_A_DAY]


def on_person(turn: Any, draft: Draft) -> Reading | None:
    """The offices answered: about the person at once, about the portrait a moment later.

    What nobody waits for any more ends the wait all the same: `Stay(None)`.
    """
    data = turn.update.data
    if turn.update.answers != draft.facts.get("asked_by"):
        return Stay(None)  # about a name or number that was replaced meanwhile
    if "portrait" in data:
        return found_on_file(turn, draft, data["portrait"])
    if data.get("error") and "identity" in draft.facts:
        return found_on_file(turn, draft, draft.facts.get("portrait"))
    draft.facts["identity"] = data.get("identity", "unavailable")
    if "eligibility" in data:
        draft.facts["eligibility"] = data["eligibility"]
    if "waiting" not in draft.inner:
        return Stay(None)
    values = draft.inner.pop("values")
    draft.inner.pop("waiting")
    return told(turn, draft, values)


def told(turn: Any, draft: Draft, values: dict[str, Any]) -> Reading:
    """What may be said at once. Whether there is a card or an application is not (see phone.py)."""
    identity = draft.facts["identity"]
    if identity in ("mismatch", "not_found"):
        if draft.facts.get("insists") == draft.facts.get("asked"):
            return Answer(values, said=turn.say("card.identity.staff"))
        draft.facts["insists"] = draft.facts.get("asked")
        # One sentence for both: whether a number exists is nobody's business but its holder's.
        return Problem(turn.say("card.identity.mismatch"))
    said = turn.say("card.identity.match" if identity == "match" else "card.identity.unavailable")
    eligibility = draft.facts.get("eligibility")
    if eligibility and not eligibility["insured"]:
        said = f"{said}\n{turn.say('card.identity.not_insured')}"
    return Answer(values, said=said)


def name_number() -> Typed:
    return Typed(
        name="name_number",
        section="id",
        reads=(NAME, ID_NUMBER),
        when=not_read,
        depends=("id",),
        line="identity",
    )


def ethnicity(when: When = asks_ethnicity, line: str | None = "") -> Text:
    return Text(name="ethnicity", section="id", reads=(ETHNICITY,), when=when, line=line)


def _not_over(turn: Any, draft: Draft, day: date) -> None:
    if day < turn.today:
        raise Fault("valid_until.over", until=turn.say("form.date", day=day))


def valid_until(when: When = not_read, line: str | None = "") -> Date:
    return Date(
        name="valid_until", section="id", when=when, long_term=True, check=_not_over, line=line
    )


def what_was_read(turn: Any, draft: Draft) -> dict[str, Any]:
    """The read fields as answers; what is no valid value is left out and typed instead."""
    read, known = draft.facts.get("read", {}), {}
    for value in READ_FROM_CARD:
        try:
            known[value.name] = value.read(turn, draft, read[value.name])
        except (Fault, KeyError):
            continue
    return known


def id_read(when: When = was_read) -> IdRead:
    return IdRead(
        name="id_read",
        section="id",
        when=when,
        depends=("id",),
        values=READ_FROM_CARD,
        learned=what_was_read,
        confirmed=lambda turn, draft, values: confirmed(ID_READ, turn, draft, values),
        line="identity",
    )


ID_READ = id_read()
