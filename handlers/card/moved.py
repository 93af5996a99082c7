"""The card form's own part in moving a draft: when it may not go, and what starts afresh."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from bot.dialogue.state import Draft
from handlers.card.id_photos import pending

_WAITS = ("waiting", "checking", "fetching")  # since when the open question waits for an office
_LONGEST_WAIT = timedelta(minutes=1)


def is_busy(turn: Any, draft: Draft) -> bool:
    """Whether something of it is still being read or checked: that reports to where it was sent
    from. After a minute nobody waits for it any more."""
    return any(turn.now - since < _LONGEST_WAIT for since in _since(draft))


def _since(draft: Draft) -> Iterator[datetime]:
    moments = [draft.inner[name] for name in _WAITS if name in draft.inner]
    moments += [photo["since"] for photo in pending(draft)]
    yield from (datetime.fromisoformat(moment) for moment in moments)


def settled(draft: Draft) -> Draft:
    """As it begins in another account: a code sent to that one proves nothing here."""
    if draft.step == "phone":
        draft.inner = {}
        draft.facts.pop("code_to", None)
    return draft
