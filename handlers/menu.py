"""The first thing anybody sees: what the bot can do, and before it, what waits for this person."""

from __future__ import annotations

from typing import Any

from bot.dialogue.messages import Option, Reply
from handlers.elsewhere.found import moved_line
from handlers.returned.meeting import urgent

INTENTS = ("apply", "progress", "pickup", "lost_card", "records_payment")
"""The numbered lines, in order; each is an intent that the router acts on."""


def menu(turn: Any, before: str = "") -> Reply:
    """Greeting and choices. What waits for the person comes first: a returned application alone,
    a half-filled one as a line above the choices."""
    turn.session.talk = ""
    if not before and (waits := urgent(turn)):
        return waits
    lines = [before] if before else []
    if turn.session.drafts:
        lines.append(turn.say("menu.draft_waits"))
    if (moved := moved_line(turn)) and not turn.session.notes["moved"].get("told"):
        turn.session.notes["moved"]["told"] = True
        lines.append(moved)
    lines.append(turn.say("menu.again" if before else "menu.hello"))
    options = tuple(
        Option(str(n), turn.say(f"menu.option.{name}")) for n, name in enumerate(INTENTS, 1)
    )
    return Reply("\n".join(lines), options, footer=turn.say("footer"))
