"""Where the person lives and what they do: a sentence or a place, one choice; the rest derived."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.dialogue.form import Step
from bot.dialogue.messages import Asks, Kind, Reply
from bot.dialogue.readings import UNCLEAR, Answer, Problem, Reading, Stay
from bot.dialogue.state import Draft
from bot.dialogue.steps import Choice, numbered, words_of
from bot.dialogue.words import Item, pick
from handlers.card.values import is_question
from models.id_numbers import parse_id_number

_PLACE_WORDS = re.compile("[路街巷道弄里村乡镇组栋幢楼室号院园苑区县城庄屯寨湾桥]")
_STREETS = re.compile("road|street|rd|st|lane|ave", re.I)
_DIGIT = re.compile(r"\d")
LONGEST_ADDRESS = 100
LONGEST_EMPLOYER = 60
OCCUPATIONS = {
    "employed": "030",
    "self_employed": "110",
    "unemployed": "130",
    "retired": "130",
    "student": "120",
}
"""Bank-style occupation codes, by status (the shipped profile's table)."""
HOUSEHOLD_LOCAL, HOUSEHOLD_ELSEWHERE = "51", "52"
"""National household types: local and other residents."""
HOUSEHOLD_FOREIGN = "42"
HOUSEHOLD_BY_DOCUMENT = {"81": "31", "82": "32", "83": "33", "9": HOUSEHOLD_FOREIGN}
"""Residence permits of Hong Kong, Macau, Taiwan, and the foreign permanent resident's card, by how
their numbers begin (GB 11643 and the 2023 card)."""
HOUSEHOLDS = (HOUSEHOLD_LOCAL, HOUSEHOLD_ELSEWHERE)


@dataclass(frozen=True, kw_only=True)
class Address(Step):
    """An address in a sentence, or a sent place; the district is asked if it is not named."""

    def ask(self, turn: Any, draft: Draft) -> Reply:
        if address := draft.inner.get("address"):
            return Reply(
                turn.say(self.key("district"), address=address), numbered(self._districts(turn))
            )
        return Reply(turn.say(self.key("ask")))

    def asks(self, turn: Any, draft: Draft) -> Asks:
        return "place"

    def _districts(self, turn: Any) -> list[Item]:
        english = turn.session.locale == "en"
        return [
            Item(d.code, d.name_en if english else d.name, (d.name, d.name_en, *d.aliases))
            for d in turn.city.districts
        ]

    def read(self, turn: Any, draft: Draft) -> Reading:
        if turn.update.kind is Kind.LOCATION:
            return self._place(turn, draft)
        said = words_of(turn)
        if not said:
            return UNCLEAR
        if "address" in draft.inner:
            found = pick(said, self._districts(turn))
            numbered_place = _names_a_place(said) and _DIGIT.search(said)
            if len(found) == 1 and not numbered_place:  # else a whole address, as a correction
                return self._done(turn, draft, draft.inner["address"], found[0].value)
        return self._sentence(turn, draft, said)

    def _place(self, turn: Any, draft: Draft) -> Reading:
        place = turn.update.place
        district = turn.city.district_at(place.lat, place.lng)
        if district is None:
            return Problem(turn.say("problem.address.elsewhere"))
        draft.facts["place"] = [place.lat, place.lng]
        label = self._short(turn, place.label)
        if not label:
            return Problem(turn.say("problem.address.no_label"))
        named = turn.city.district_in(place.label)
        return self._done(turn, draft, label, (named or district).code, keep_place=True)

    def _sentence(self, turn: Any, draft: Draft, said: str) -> Reading:
        address = self._short(turn, said)
        district = turn.city.district_in(said)
        looks = _names_a_place(address) and not is_question(said)
        if not looks or len(address) < 4:
            return Problem(turn.say("problem.address.short")) if district or looks else UNCLEAR
        if len(address) > LONGEST_ADDRESS:
            return Problem(turn.say("problem.address.long"))
        if district is None:
            draft.inner["address"] = address
            return Stay(self.ask(turn, draft), sure=False)
        return self._done(turn, draft, address, district.code, sure=False)

    def _done(
        self,
        turn: Any,
        draft: Draft,
        address: str,
        district: str,
        *,
        sure: bool = True,
        keep_place: bool = False,
    ) -> Reading:
        if not keep_place:
            draft.facts.pop("place", None)
        values = {"lives_at": address, "district": district}
        return Answer(values, said=turn.say(self.key("ack"), address=address), sure=sure)

    @staticmethod
    def _short(turn: Any, said: str) -> str:
        """Without the city's own name, which stands in the read-back anyway."""
        text = said.strip() if said.isascii() else re.sub(r"\s+", "", said)
        text = re.sub(r"^(?:我?(?:现在)?(?:就)?(?:住|家)(?:在|是)?)", "", text)
        return text.removeprefix(turn.city.name).removeprefix(turn.city.short).lstrip("，,")

    def retreat(self, turn: Any, draft: Draft) -> bool:
        return bool(draft.inner.pop("address", None))

    def show(self, turn: Any, draft: Draft) -> str:
        return str(turn.say(self.key("shown"), address=draft.answers["lives_at"]))

    @property
    def fields(self) -> tuple[str, ...]:
        return ("lives_at", "district")

    def texts(self) -> tuple[str, ...]:
        return (*super().texts(), *(self.key(k) for k in ("district", "ack", "shown")))

    def longest(self, say: Callable[[str], str]) -> Sequence[str]:
        return [say(self.key("ask")), say(self.key("district"))]


def _names_a_place(said: str) -> bool:
    """A word of Chinese addresses, or an English one somewhere behind a number.

    Looked for one after the other: as one pattern, a long number was tried from each of its digits
    to each of its digits to each end.
    """
    number = _DIGIT.search(said)
    behind = number and _STREETS.search(said, number.end())
    return bool(_PLACE_WORDS.search(said) or behind)


WORK_KINDS = ("employed", "self_employed", "unemployed", "retired", "student")


@dataclass(frozen=True, kw_only=True)
class Work(Choice):
    """One of five; whoever has an employer names it in the same message, or is asked."""

    def ask(self, turn: Any, draft: Draft) -> Reply:
        if draft.inner.get("employer"):
            return Reply(turn.say(self.key("employer")))
        return super().ask(turn, draft)

    def asks(self, turn: Any, draft: Draft) -> Asks:
        return "text" if draft.inner.get("employer") else "choice"

    def read(self, turn: Any, draft: Draft) -> Reading:
        if draft.inner.get("employer"):
            said = words_of(turn)
            if not said or is_question(said):
                return UNCLEAR
            return self._employed(turn, draft, said, sure=False)
        return super().read(turn, draft)

    def chosen(
        self, turn: Any, draft: Draft, item: Item, values: dict[str, Any], rest: str
    ) -> Reading:
        if item.value != "employed":
            return Answer({**values, "employer": ""})
        if not rest:
            draft.inner["employer"] = True
            return Stay(self.ask(turn, draft))
        return self._employed(turn, draft, rest)

    def _employed(self, turn: Any, draft: Draft, employer: str, sure: bool = True) -> Reading:
        if not 2 <= len(employer) <= LONGEST_EMPLOYER or employer.isdigit():
            return Problem(turn.say("problem.employer"))
        return Answer({"status": "employed", "employer": employer}, sure=sure)

    def retreat(self, turn: Any, draft: Draft) -> bool:
        return bool(draft.inner.pop("employer", None))

    def show(self, turn: Any, draft: Draft) -> str:
        label = turn.say(self.key(f"short.{draft.answers['status']}"))
        employer = draft.answers.get("employer")
        return turn.say("form.joined").join([label, employer]) if employer else str(label)

    def longest_shown(self, say: Callable[[str], str]) -> Sequence[str]:
        return [f"{say(self.key('short.employed'))}，{'公' * LONGEST_EMPLOYER}"]

    @property
    def fields(self) -> tuple[str, ...]:
        return ("status", "employer")

    def texts(self) -> tuple[str, ...]:
        return (
            *super().texts(),
            self.key("employer"),
            *(self.key(f"short.{v}") for v in WORK_KINDS),
        )


def asks_household(turn: Any, draft: Draft) -> bool:
    """Whether the city asks what it could derive."""
    return "household" in turn.city.ask_derived


def derived(turn: Any, draft: Draft) -> dict[str, str]:
    """What follows from the answers and was not asked: see also `of_the_number`."""
    told = {"occupation": OCCUPATIONS[draft.answers["status"]]}
    if "household" not in draft.answers:
        told["household"] = household(turn, draft)
    return {**told, **of_the_number(turn, draft.answers["id_number"])}


def household(turn: Any, draft: Draft) -> str:
    """By the document; for citizens by the address on the ID card, else by where the number was
    given out."""
    number = draft.answers.get("id_number", "")
    if code := HOUSEHOLD_BY_DOCUMENT.get(number[:2] if number[:1] == "8" else number[:1]):
        return code
    if number[:3].isalpha():
        return HOUSEHOLD_FOREIGN
    address = draft.answers.get("id_address", "")
    local = turn.city.short in address if address else number[:4] == turn.city.region[:4]
    return HOUSEHOLD_LOCAL if local else HOUSEHOLD_ELSEWHERE


def of_the_number(turn: Any, number: str) -> dict[str, str]:
    """Sex, birth and document type: what the number itself says."""
    known = parse_id_number(number, turn.today)
    return {"sex": known.sex, "birth_date": known.birth.isoformat(), "id_type": str(known.kind)}
