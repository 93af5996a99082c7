"""领卡码 by a page's form or the API: for one's own card, or one that a code has just proven.

What is answered is `about` the pass, its digits and its end: only who asked is shown it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.dialogue.messages import Reply
from handlers.collecting.cards import MovedOn
from handlers.collecting.picking_up import issue, on_its_way, place_of, spaced, whose_pass
from handlers.progress.page import just_proven
from handlers.waiting import own_applications
from models.application_states import State
from models.applications import Application

ABOUT = "pass"


def ask_pass(turn: Any) -> Reply:
    """Field `application`, an id, or `number`, an acceptance number. Whether there is such a card
    elsewhere does not show."""
    card = _card(turn, turn.update.data)
    if card is None:
        return Reply(turn.say("collecting.page.none"))
    if card.state != State.READY_FOR_PICKUP:
        return Reply(turn.say("collecting.page.not_yet"))
    if moving := on_its_way(turn, card):
        return Reply(moving.reply.text)
    kind = whose_pass(turn, card)
    try:
        digits = issue(turn, card, kind)
    except MovedOn:
        return Reply(turn.say("collecting.page.not_yet"))
    if digits is None:
        return Reply(turn.say("collecting.code.full"))
    text = turn.say(f"collecting.code.{kind}", digits=spaced(digits), place=place_of(turn, card))
    until = turn.now + timedelta(minutes=turn.city.collection.pass_minutes)
    return Reply(text, about=f"{ABOUT}:{digits}:{int(until.timestamp())}")


def _card(turn: Any, fields: Any) -> Application | None:
    wanted = {str(fields.get("application", "")), str(fields.get("number", "")).strip().upper()}
    own = next((a for a in own_applications(turn) if {a.id, a.number} & wanted), None)
    if own is not None:
        return own
    proven = just_proven(turn)
    return proven if proven is not None and {proven.id, proven.number} & wanted else None
