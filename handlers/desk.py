"""A person at the platform's desk has the chat: the bot is silent until they are done."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot.dialogue.messages import Outcome


def noted(turn: Any) -> Outcome:
    """The desk took the chat, passed it on, or closed it."""
    if turn.update.key == "end":
        turn.session.notes.pop("desk", None)
    else:
        turn.session.notes["desk"] = turn.now.isoformat()
    return None


def has_the_chat(turn: Any) -> bool:
    """Whether somebody speaks there; no longer than the city's minutes after the last event, so
    that an end that was lost does not silence the bot for ever."""
    since = turn.session.notes.get("desk")
    if since is None:
        return False
    minutes = timedelta(minutes=turn.city.human.desk_minutes)
    return bool(turn.now - datetime.fromisoformat(since) < minutes)
