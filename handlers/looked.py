"""谁看过我的资料: what was done with a person's record, by which role, when and what for."""

from __future__ import annotations

from typing import Any

from bot.dialogue.messages import Outcome, Reply
from bot.dialogue.router import Conversation
from models.looks import Look, looks_at
from models.progress import own_applications

MOST = 5  # in one message; a page of the site has them all
ABOUT = "looks"


def wanted(turn: Any, open_: Conversation | None) -> Outcome:
    """Told at once to who may see the record; what is open stays open."""
    text = _told(turn)
    return open_.question(turn, text) if open_ else Reply(text, footer=turn.say("footer"))


def _told(turn: Any) -> str:
    with turn.reading() as records:
        known = bool(own_applications(records, str(turn.account)))
        looks = looks_at(records, str(turn.account))
    if not known and not looks:
        return str(turn.say("trust.looked.unknown"))
    if not looks:
        return str(turn.say("trust.looked.nobody"))
    lines = [turn.say("trust.looked.count", count=len(looks))]
    lines += [line(turn, look) for look in looks[:MOST]]
    more = len(looks) - MOST
    if more > 0:
        lines.append(turn.say("trust.looked.more", more=more))
    return "\n".join([*lines, turn.say("trust.looked.ask")])


def line(turn: Any, look: Look) -> str:
    """11月27日，审核人员看了全部资料（尾号0731），用途：审核申请"""
    when = look.at.astimezone(turn.city.tz).date()
    tail = turn.say("trust.looked.tail", tail=look.number_tail) if look.number_tail else ""
    return str(
        turn.say(
            "trust.looked.line",
            day=turn.say("trust.day", day=when),
            role=turn.say(f"trust.role.{look.role}"),
            what=turn.say(f"trust.what.{look.what}"),
            tail=tail,
            purpose=turn.say(f"trust.purpose.{look.purpose}"),
        )
    )
