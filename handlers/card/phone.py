"""The phone question: the number, the code that proves it, and what may be told after the proof."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.dialogue.form import Step
from bot.dialogue.messages import LATER, Asks, Kind, Reply
from bot.dialogue.readings import UNCLEAR, Answer, Leave, Problem, Reading, Stay
from bot.dialogue.state import Draft
from bot.dialogue.steps import words_of
from bot.dialogue.words import Words
from handlers.card.checked import corrects, known, phone_asked_about, phone_on_file
from handlers.card.earlier import whose_it_is
from handlers.card.giving_up import give_up
from models.applications import open_application_of
from models.masking import mask_phone, masks_of
from models.one_time_codes import CodeRefused, check_code, code_in, issue_code
from models.people import find_person
from models.phones import DIGITS, PhoneFault, normalise_phone

PATIENCE = timedelta(seconds=10)
LONGEST = 64  # characters of a message that can hold a number or a code


@dataclass(frozen=True, kw_only=True)
class Phone(Step):
    """Number, then code. Afterwards the identity office says whether it is the one on file.

    A number that the platform vouches for needs no code where the city takes its word."""

    words: Callable[[Any], Words]

    def ask(self, turn: Any, draft: Draft) -> Reply:
        if "checking" in draft.inner:
            return Reply(turn.say(self.key("still_checking")))
        if phone := draft.inner.get("phone"):
            return Reply(turn.say(self.key("code"), phone=masked(turn, phone)))
        return Reply(turn.say(self.key("ask")))

    def asks(self, turn: Any, draft: Draft) -> Asks:
        return "code" if "phone" in draft.inner else "phone"

    def read(self, turn: Any, draft: Draft) -> Reading:
        said = unicodedata.normalize("NFKC", words_of(turn))[:LONGEST]
        if "checking" in draft.inner:
            return self._waiting(turn, draft)
        if turn.update.kind is Kind.PHONE:
            return self._vouched(turn, draft)
        if not said:
            return UNCLEAR
        phone = draft.inner.get("phone")
        if phone is None:
            return self._number(turn, draft, said)
        if self.words(turn).command(said) == "resend":
            return self._send(turn, draft, phone)
        if len(re.sub(r"\D", "", said)) < DIGITS and (code := code_in(said)):
            return self._code(turn, draft, phone, code)
        return self._other_number(turn, draft, said)

    def _number(self, turn: Any, draft: Draft, said: str) -> Reading:
        try:
            phone = normalise_phone(re.sub(r"[^\d+＋０-９\s()（）-]", "", said) or said)
        except PhoneFault as fault:
            if fault.digits < 3:
                return UNCLEAR
            return Problem(turn.say(f"problem.phone.{_how(fault)}", digits=fault.digits))
        return self._send(turn, draft, phone)

    def _vouched(self, turn: Any, draft: Draft) -> Reading:
        """As if it had been typed, and where the platform's word counts, as if the code had come
        back. Whether it is the phone on file only the identity office says."""
        try:
            phone = normalise_phone(turn.update.text)
        except PhoneFault as fault:
            return Problem(turn.say(f"problem.phone.{_how(fault)}", digits=fault.digits))
        if turn.city.api.platform_phone == "proof":
            return self._held(turn, draft, phone)
        return self._send(turn, draft, phone)

    def _other_number(self, turn: Any, draft: Draft, said: str) -> Reading:
        """At the code: a whole phone number is a correction, other digits are a wrong code."""
        digits = re.sub(r"\D", "", said)
        if len(digits) >= 11:
            return self._number(turn, draft, said)
        return Problem(turn.say("problem.code.length", digits=len(digits))) if digits else UNCLEAR

    def _send(self, turn: Any, draft: Draft, phone: str) -> Reading:
        code = turn.sources.sms_code()
        try:
            issue_code(
                turn.records,
                turn.keys,
                code_id=turn.sources.new_id(),
                account=str(turn.account),
                purpose="card",
                phone=phone,
                code=code,
                now=turn.now,
                life=timedelta(minutes=turn.city.days.code_minutes),
                resend_after=timedelta(seconds=turn.city.days.resend_seconds),
            )
        except CodeRefused as refused:
            return self._not_sent(turn, draft, phone, refused.reason)
        turn.send_sms(phone, "code", {"code": code, "minutes": str(turn.city.days.code_minutes)})
        draft.inner, draft.facts["code_to"] = {"phone": phone}, phone
        return Stay(self.ask(turn, draft))

    def _not_sent(self, turn: Any, draft: Draft, phone: str, reason: str) -> Reading:
        """No code now. The one that is on its way to this same phone can still be given."""
        said = turn.say(f"problem.code.{reason}")
        if draft.inner.get("phone") or draft.facts.get("code_to") != phone:
            return Problem(said)
        draft.inner = {"phone": phone}
        return Stay(self.ask(turn, draft).preceded_by(said))

    def _code(self, turn: Any, draft: Draft, phone: str, code: str) -> Reading:
        found = check_code(
            turn.records,
            turn.keys,
            account=str(turn.account),
            purpose="card",
            phone=phone,
            code=code,
            now=turn.now,
        )
        if found != "ok":
            return Problem(turn.say(f"problem.code.{found}"))
        return self._held(turn, draft, phone)

    def _held(self, turn: Any, draft: Draft, phone: str) -> Reading:
        """The person holds this phone: the office is asked whether it is the one on file."""
        draft.facts["phone_proven"] = phone
        draft.inner = {"phone": phone, "checking": turn.now.isoformat()}
        phone_asked_about(draft, phone, turn.update.id)
        turn.start_job(
            "check_phone",
            {"draft": draft.id, "id_number": draft.answers["id_number"], "phone": phone},
        )
        return LATER

    def _waiting(self, turn: Any, draft: Draft) -> Reading:
        if turn.now - datetime.fromisoformat(draft.inner["checking"]) < PATIENCE:
            return Stay(Reply(turn.say(self.key("still_checking"))))
        return proven(turn, draft, on_file=None)

    def retreat(self, turn: Any, draft: Draft) -> bool:
        if "phone" in draft.inner:
            draft.inner = {}
            return True
        return False

    def show(self, turn: Any, draft: Draft) -> str:
        return masked(turn, draft.answers["phone"])

    def valid(self, turn: Any, draft: Draft) -> bool:
        return bool(draft.answers.get("phone") == draft.facts.get("phone_proven", False))

    def texts(self) -> tuple[str, ...]:
        return (
            *super().texts(),
            *(self.key(k) for k in ("code", "still_checking", "proven", "other_phone")),
        )

    def longest(self, say: Callable[[str], str]) -> Sequence[str]:
        return [say(self.key("ask")), say(self.key("code"))]

    def longest_shown(self, say: Callable[[str], str]) -> Sequence[str]:
        return [mask_phone("13900000000")]


def masked(turn: Any, phone: str) -> str:
    """As this channel masks it."""
    return masks_of(turn.account.channel)["phone"](phone)


def _how(fault: PhoneFault) -> str:
    """One digit missing is by far the most common fault, and has a sentence of its own."""
    return "short_one" if fault.code == "length" and fault.digits == DIGITS - 1 else fault.code


def on_phone(turn: Any, draft: Draft) -> Reading | None:
    """The office says whether the proven phone is the one on file."""
    on_file = turn.update.data.get("on_file")
    number = draft.answers.get("id_number")
    phone = draft.inner.get("phone") or draft.answers.get("phone")
    if turn.update.answers != draft.facts.get("phone_asked_by") or draft.facts.get(
        "phone_asked"
    ) != [number, phone]:
        return Stay(None)  # about a phone or a number that was replaced meanwhile
    if "checking" in draft.inner:
        return proven(turn, draft, on_file)
    draft.facts["phone_on_file"] = on_file
    return Stay(None)


def proven(turn: Any, draft: Draft, on_file: bool | None) -> Reading:
    """After the code. That there is a card or an application is told to the phone on file alone."""
    draft.facts["phone_on_file"] = on_file
    phone = draft.inner["phone"]
    on_file = phone_on_file(draft, phone)
    if not corrects(draft):
        if on_file and (reason := _needless(turn, draft)):
            give_up(turn, draft)
            return Leave(Reply(turn.say(reason), footer=turn.say("footer")))
        whose_it_is(turn, draft, on_file)
    talk = "returned" if corrects(draft) else "card"
    said = turn.say(f"{talk}.phone.{'proven' if on_file else 'other_phone'}")
    return Answer({"phone": phone}, said=said)


def _needless(turn: Any, draft: Draft) -> str:
    """The text that says why there is nothing to apply for; "" when there is."""
    eligibility = known(draft, "eligibility") or {}
    if eligibility.get("has_card"):
        return "card.phone.has_card"
    if eligibility.get("open_application"):
        return "card.phone.has_application"
    with turn.reading() as records:
        person = find_person(records, turn.keys, draft.answers["id_number"])
        open_ = person and open_application_of(records, person.id)
    return "card.already_open" if open_ else ""
