"""A correction as a draft of its own: the application's answers, and which are asked again.

`facts` beside those of the card form: `application` and `return` say what is corrected, `mend`
which questions are asked, `fields` which answers are wanted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.dialogue.state import Draft
from handlers.card.submit import answers_of
from models.applications import Application, open_answers
from models.documents import release_documents

FORM = "returned"
VERSION = 1
_NO_ANSWERS = ("derived", "checks")


def new_draft(
    turn: Any,
    application: Application,
    steps: Sequence[str],
    fields: Sequence[str],
    return_id: str = "",
) -> Draft:
    """The session's draft of a correction; another that was begun gives way to it."""
    drop_draft(turn)
    before = open_answers(application, turn.keys)
    draft = Draft(turn.sources.new_id(), FORM, VERSION, turn.now.isoformat())
    draft.answers = own_answers(before)
    draft.facts = {
        "application": application.id,
        "return": return_id,
        "mend": list(steps),
        "fields": list(fields),
        "number_before": before.get("id_number"),
        "portraits": {"tries": 0, "refused": _came_back(before)},
        **checked(before),
    }
    turn.session.drafts[FORM] = draft
    return draft


def _came_back(before: Mapping[str, Any]) -> list[str]:
    """The photo that did not pass, as it came: the studio knows it again."""
    portrait = before.get("portrait") or {}
    photo = portrait.get("original") or portrait.get("document")
    return [photo] if photo and portrait.get("source") == "own" else []


def drop_draft(turn: Any) -> None:
    """Give up a correction that was begun; what was sent for it goes at once."""
    if draft := turn.session.drafts.pop(FORM, None):
        release_documents(turn.records, draft.id, turn.now)


def own_answers(before: Mapping[str, Any]) -> dict[str, Any]:
    """What was answered, without what followed from it."""
    follows = (*_NO_ANSWERS, *before.get("derived", ()))
    return {name: value for name, value in before.items() if name not in follows}


def checked(before: Mapping[str, Any]) -> dict[str, Any]:
    """What the offices said when it was handed in, about the same claims."""
    checks = before.get("checks") or {}
    number, phone = before.get("id_number"), before.get("phone")
    return {
        "asked": [before.get("name"), number],
        "identity": checks.get("identity"),
        "eligibility": checks.get("eligibility"),
        "phone_asked": [number, phone],
        "phone_proven": phone,
        "phone_on_file": checks.get("phone_on_file"),
    }


def is_wanted(name: str) -> Any:
    """Whether a question is asked in this correction."""

    def wanted(turn: Any, draft: Draft) -> bool:
        return name in draft.facts.get("mend", ())

    return wanted


def new_answers(turn: Any, draft: Draft, before: Mapping[str, Any]) -> dict[str, Any]:
    """The whole document anew; what the offices said before stands where they were not asked."""
    document = answers_of(turn, draft)
    old, checks = before.get("checks") or {}, document["checks"]
    same_claim = all(document[name] == before.get(name) for name in ("id_number", "phone"))
    for name in ("identity", "eligibility", "read"):
        checks[name] = checks[name] or old.get(name)
    if same_claim:
        checks["phone_on_file"] = old.get("phone_on_file", checks["phone_on_file"])
    return document


def changed(before: Mapping[str, Any], after: Mapping[str, Any], fields: Sequence[str]) -> bool:
    """Whether any of these answers is another than before."""
    return any(before.get(field) != after.get(field) for field in fields)
