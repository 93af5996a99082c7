"""The consents of the card form, each stored apart with its text's version.

A city has one of two styles: what is done (a photo sent, a bank chosen) is the consent, as the
question says; or a question of its own asks for each, and doing records nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from bot.dialogue.state import Draft
from models.consents import give_consent

Kind = Literal["general", "sensitive", "handing_over"]


def asks_each(turn: Any, draft: Draft | None = None) -> bool:
    """Whether each consent is a question of its own, or given by sending and choosing."""
    return bool(turn.city.consent_style == "ask_each")


def styled(turn: Any, key: str) -> str:
    """A text that says how consent is given, as the city's style has it."""
    return str(turn.say(f"{key}_each" if asks_each(turn) else key))


def holds(draft: Draft, kind: Kind, detail: Mapping[str, str]) -> bool:
    """Whether this very consent was recorded last."""
    return bool(draft.facts.get("consents", {}).get(kind) == detail)


def give_by_doing(
    turn: Any, draft: Draft, kind: Kind, text: str, detail: Mapping[str, str] | None = None
) -> None:
    """Record what sending or choosing means; nothing where a question of its own asks for it."""
    if not asks_each(turn):
        give(turn, draft, kind, text, detail)


def give(
    turn: Any, draft: Draft, kind: Kind, text: str, detail: Mapping[str, str] | None = None
) -> None:
    """Record a consent to `text`, the words that were shown; once for each detail."""
    wanted = dict(detail or {})
    if holds(draft, kind, wanted):
        return
    draft.facts.setdefault("consents", {})[kind] = wanted
    give_consent(
        turn.records,
        consent_id=turn.sources.new_id(),
        account=str(turn.account),
        draft_id=draft.id,
        kind=kind,
        text_version=turn.city.notice_version,
        text=text,
        locale=turn.session.locale,
        detail=wanted,
        now=turn.now,
    )
