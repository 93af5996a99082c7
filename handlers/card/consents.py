"""The consents of the card form, each stored apart with its text's version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from bot.dialogue.state import Draft
from models.consents import give_consent


def give(
    turn: Any,
    draft: Draft,
    kind: Literal["general", "sensitive", "handing_over"],
    text_key: str,
    detail: Mapping[str, str] | None = None,
) -> None:
    """Record a consent, once for each detail; `text_key` is the text that was shown."""
    given: dict[str, Any] = draft.facts.setdefault("consents", {})
    wanted = dict(detail or {})
    if given.get(kind) == wanted:
        return
    given[kind] = wanted
    give_consent(
        turn.records,
        consent_id=turn.sources.new_id(),
        account=str(turn.account),
        draft_id=draft.id,
        kind=kind,
        text_version=turn.city.notice_version,
        text=turn.say(text_key, **wanted),
        locale=turn.session.locale,
        detail=wanted,
        now=turn.now,
    )
