"""What the offices said, as long as it is about what the person now claims.

Each answer is kept with the name, number and phone that were asked about; once another one is
given, it counts for nothing. Whatever decides on a proof asks here, never `draft.facts` itself.
"""

from __future__ import annotations

from typing import Any, Literal

from bot.dialogue.state import Draft
from models.people import Proof

PERSON = ("identity", "eligibility", "portrait")
"""What is known of a name and number."""


def corrects(draft: Draft) -> bool:
    """Whether it is no application of its own but corrects one that was handed in."""
    return "application" in draft.facts


def asked_about(draft: Draft, name: str, id_number: str, by: str) -> None:
    """The office is asked about another pair: what was known before is forgotten."""
    draft.facts["asked"], draft.facts["asked_by"] = [name, id_number], by
    for fact in (*PERSON, "portrait_measures", "phone_on_file", "phone_asked", "phone_asked_by"):
        draft.facts.pop(fact, None)


def known(draft: Draft, fact: Literal["identity", "eligibility", "portrait"]) -> Any:
    """What the office said of the present name and number, or None."""
    claimed = [draft.answers.get("name"), draft.answers.get("id_number")]
    return draft.facts.get(fact) if draft.facts.get("asked") == claimed else None


def phone_asked_about(draft: Draft, phone: str, by: str) -> None:
    """The office is asked whether this phone is on file for the present number."""
    draft.facts["phone_asked"] = [draft.answers.get("id_number"), phone]
    draft.facts["phone_asked_by"] = by
    draft.facts.pop("phone_on_file", None)


def phone_on_file(draft: Draft, phone: str | None = None) -> bool:
    """Whether the office said so of the present number and phone, which the code has proven."""
    phone = phone or draft.answers.get("phone")
    asked = draft.facts.get("phone_asked") == [draft.answers.get("id_number"), phone]
    proven = draft.facts.get("phone_proven") == phone
    return bool(asked and proven and draft.facts.get("phone_on_file"))


def proof_of(draft: Draft) -> Proof:
    """How well we know that the applicant is the holder."""
    if known(draft, "identity") == "match" and phone_on_file(draft):
        return Proof.ON_FILE
    return Proof.CODE


def portrait_on_file(draft: Draft) -> str | None:
    """The document of the portrait on file: shown to who has proven to be that person, alone."""
    document: str | None = known(draft, "portrait")
    return document if proof_of(draft).is_proven else None
