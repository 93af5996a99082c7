"""Correcting as a form: the questions of the card form, only those that are wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.dialogue.checks import ReadBack
from bot.dialogue.form import Form, Step
from bot.dialogue.messages import Reply
from bot.dialogue.readings import UNCLEAR, Fault, Problem, Reading
from bot.dialogue.state import Draft
from bot.dialogue.steps import Choice, words_of
from handlers.card.branch import BranchChoice
from handlers.card.consents import asks_each, holds
from handlers.card.form import BankConsent, card_words, handing_over, refused
from handlers.card.id_photos import IdPhotos, on_id_photo
from handlers.card.identity import Typed, confirmed, ethnicity, id_read, valid_until, was_read
from handlers.card.life import HOUSEHOLDS, WORK_KINDS, Address, Work
from handlers.card.phone import Phone, on_phone
from handlers.card.portrait import ON_FILE, measured_on_file
from handlers.card.values import ID_NUMBER, NAME, is_question
from handlers.progress.shown import wording_of
from handlers.returned.draft import FORM, VERSION, is_wanted
from handlers.returned.found import STEPS, open_return_of
from handlers.returned.portrait import RETAKEN, is_alone, on_fetched, on_retaken
from handlers.returned.resubmit import hand_in
from models.documents import release_documents

SAID_BY_THE_QUESTION = frozenset({"PHOTO_BG", "NO_POLICE_PHOTO"})
"""Reasons whose remedy is what the question for a photo asks for anyway."""


@dataclass(frozen=True, kw_only=True)
class Rephotographed(IdPhotos):
    """The card's sides again. The consent of the first time is asked for anew by sending."""

    def show(self, turn: Any, draft: Draft) -> str:
        return str(turn.say("returned.id.shown"))


@dataclass(frozen=True, kw_only=True)
class Retyped(Typed):
    """Name or number, whichever is wanted; both in one message where both are."""

    def _only(self, draft: Draft) -> str:
        wanted = [v.name for v in self.reads if v.name in draft.facts.get("fields", ())]
        return wanted[0] if len(wanted) == 1 else ""

    def ask(self, turn: Any, draft: Draft) -> Reply:
        only = self._only(draft)
        if not only or "waiting" in draft.inner:
            return super().ask(turn, draft)
        return Reply(turn.say(f"card.id_read.type.{only}"))

    def read(self, turn: Any, draft: Draft) -> Reading:
        only, said = self._only(draft), words_of(turn)
        if not only or "waiting" in draft.inner or "got" in draft.inner:
            return super().read(turn, draft)
        if not said or is_question(said):
            return UNCLEAR
        value = next(v for v in self.reads if v.name == only)
        try:
            typed = {only: value.read(turn, draft, said)}
        except Fault as fault:
            return Problem(fault.said(turn))
        values = {**{v.name: draft.answers[v.name] for v in self.reads}, **typed}
        draft.inner["got"] = values
        return confirmed(self, turn, draft, values)


@dataclass(frozen=True, kw_only=True)
class ChangedBack(ReadBack):
    """The last look at what was changed; everything else stands as it was."""

    def key(self, what: str) -> str:
        return f"returned.{self.name}.{what}"


def _several(turn: Any, draft: Draft) -> bool:
    """A photo alone was looked at a moment ago, and taking it was handing in; so was the code for
    a new phone."""
    return bool(draft.facts["return"]) and not is_alone(draft)


def _id_read(turn: Any, draft: Draft) -> bool:
    return is_wanted("id")(turn, draft) and was_read(turn, draft)


def _asks_bank(turn: Any, draft: Draft) -> bool:
    return is_wanted("branch")(turn, draft) and asks_each(turn)


def _changed(turn: Any, draft: Draft, step: Step) -> None:
    """Another number is another person's: the phone is proven anew, and a photo on file is theirs
    no more. Another bank is agreed to afresh."""
    mend: list[str] = draft.facts["mend"]
    if step.name in ("id_read", "name_number") and _another(draft):
        on_file = (draft.answers.get("portrait") or {}).get("source") == ON_FILE
        wanted = ["phone", *(["portrait"] if on_file else [])]
        mend += [name for name in wanted if name not in mend]
    if step.name == "branch" and not holds(draft, "handing_over", {"bank": draft.answers["bank"]}):
        draft.done = [name for name in draft.done if name != "bank_consent"]


def _another(draft: Draft) -> bool:
    """Whether the number is another than the phone was proven for."""
    return bool(draft.facts["number_before"] != draft.answers.get("id_number"))


def _remedy(turn: Any, draft: Draft, step: Step) -> str:
    """How to mend what was found about this answer, unless the question says so itself."""
    row = open_return_of(turn, draft)
    about = [f for f in row.found() if STEPS.get(f.field) == step.name] if row else []
    return wording_of(turn).remedies(f for f in about if f.code not in SAID_BY_THE_QUESTION)


def _dropped(turn: Any, draft: Draft) -> None:
    release_documents(turn.records, draft.id, turn.now)


RETURNED: Form = Form(
    FORM,
    version=VERSION,
    sections=["id", "phone", "life", "branch", "check"],
    steps=[
        Rephotographed(name="id", section="id", words=card_words, when=is_wanted("id")),
        id_read(when=_id_read),
        Retyped(
            name="name_number", section="id", reads=(NAME, ID_NUMBER), line="identity",
            when=is_wanted("name_number"),
        ),
        ethnicity(when=is_wanted("ethnicity"), line=None),
        valid_until(when=is_wanted("valid_until"), line=None),
        Phone(name="phone", section="phone", words=card_words, when=is_wanted("phone")),
        Address(name="lives_at", section="life", when=is_wanted("lives_at")),
        Work(
            name="work", section="life", options=WORK_KINDS, with_text="employer",
            when=is_wanted("work"),
        ),
        Choice(
            name="household", section="life", options=HOUSEHOLDS, when=is_wanted("household")
        ),
        BranchChoice(name="branch", section="branch", when=is_wanted("branch")),
        BankConsent(
            name="bank_consent", section="branch", when=_asks_bank, line="", depends=("branch",),
            yes=card_words, given=handing_over, refused=refused,
        ),
        RETAKEN,
        ChangedBack(
            name="check", section="check", line="", whole=lambda: RETURNED, yes=card_words,
            when=_several,
        ),
    ],
    submit=lambda turn, draft: hand_in(RETURNED, turn, draft),
    results={
        "read_id_photo": on_id_photo,
        "check_person": on_fetched,
        "check_phone": on_phone,
        "take_portrait": on_retaken,
        "measure_on_file": measured_on_file,
    },
    changed=_changed,
    dropped=_dropped,
    texts="card",
    lead=_remedy,
    numbered=False,
)  # fmt: skip
