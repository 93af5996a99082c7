"""The returned application of an account, what it lacks, and which questions mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from bot.dialogue.state import Draft
from handlers.card.portrait import OWN
from handlers.progress.shown import telling, wording_of
from handlers.waiting import own_applications
from models.application_states import State
from models.applications import Application, open_answers
from models.corrections import Correction
from models.progress import tail
from models.returns import Finding, Return, open_return

STEPS: Mapping[str, str] = MappingProxyType({
    "name": "name_number", "id_number": "name_number", "id_photos": "id", "id_address": "id",
    "ethnicity": "ethnicity", "valid_until": "valid_until", "phone": "phone",
    "lives_at": "lives_at", "district": "lives_at", "work": "work", "status": "work",
    "employer": "work", "occupation": "work", "household": "household", "branch": "branch",
    "bank": "branch", "delivery": "branch", "portrait": "portrait",
})  # fmt: skip
"""Which question of the card form gives each answer anew."""

FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "name_number": ("name", "id_number"), "id": ("id_photos",), "work": ("status", "employer"),
    "lives_at": ("lives_at", "district"), "branch": ("delivery", "bank", "branch"),
})  # fmt: skip
"""What a question gives, where it is not an answer of its own name."""

PHOTOS = frozenset({"id", "portrait"})
_NONE_ON_FILE = "NO_POLICE_PHOTO"


@dataclass(frozen=True, slots=True)
class Returned:
    """One application that came back, as this account may be told of it."""

    application: Application
    row: Return
    answers: Mapping[str, Any]

    @property
    def findings(self) -> list[Finding]:
        return self.row.found()

    @property
    def steps(self) -> list[str]:
        """The questions that are asked again, each once."""
        return steps_of(self.findings)

    @property
    def fields(self) -> list[str]:
        """The answers that are wanted."""
        return list(dict.fromkeys(finding.field for finding in self.findings))

    @property
    def may_use_file(self) -> bool:
        """Whether the photo on file could do instead: the one that was sent is the person's own,
        and who asks has proven to be that person."""
        own = (self.answers.get("portrait") or {}).get("source") == OWN
        none = any(finding.code == _NONE_ON_FILE for finding in self.findings)
        return "portrait" in self.steps and own and not none and self.application.holder_proven


def steps_of(findings: Iterable[Finding]) -> list[str]:
    """What cannot be asked here is left out: it is for the counter."""
    return list(dict.fromkeys(STEPS[f.field] for f in findings if f.field in STEPS))


def returned(turn: Any, application_id: str = "") -> Returned | None:
    """What came back and waits for this account, or this very one; the newest first."""
    for application in own_applications(turn):
        wanted = not application_id or application.id == application_id
        if wanted and (found := opened(turn, application)):
            return found
    return None


def opened(turn: Any, application: Application) -> Returned | None:
    """One that this account may be told of; None where it did not come back."""
    if application.state != State.RETURNED:
        return None
    with turn.reading() as records:
        row = open_return(records, application.id)
        records.expunge_all()
    return Returned(application, row, open_answers(application, turn.keys)) if row else None


def open_return_of(turn: Any, draft: Draft) -> Return | None:
    """What a correction mends; None for another phone of what is under way."""
    if not draft.facts.get("return"):
        return None
    with turn.reading() as records:
        row = open_return(records, draft.facts["application"])
        records.expunge_all()
    return row


def correction(turn: Any, found: Returned) -> Correction:
    """The message about it, in the words and masks of this chat."""
    return wording_of(turn).correction(
        found.findings,
        found_on=found.row.at.astimezone(turn.city.tz).date(),
        correct_by=found.application.correct_by,
        tail=tail(found.application.number),
        name=telling(turn).masked(str(found.answers.get("name", ""))),
    )
