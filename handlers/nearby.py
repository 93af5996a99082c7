"""A place sent where nothing asks for one: the branches near it, as for collecting a card."""

from __future__ import annotations

from typing import Any

from bot.dialogue.messages import Outcome, Reply
from config.city import Branch, distance_words
from handlers.card.branch import branch_hours
from handlers.card.closing import hinted

MOST = 5


def nearby(turn: Any) -> Outcome:
    """Up to five branches that are open, with distance, hours and phone, and the day on which one
    closes; that it is elsewhere, if it is."""
    place = turn.update.place
    if turn.city.district_at(place.lat, place.lng) is None:
        return Reply(turn.say("nearby.elsewhere"), footer=turn.say("footer"))
    still = [branch for branch in turn.city.branches if branch.is_open(turn.today)]
    near = turn.city.nearest(place.lat, place.lng, MOST, among=still)
    lines = [_line(turn, *found) for found in near]
    return Reply("\n".join([turn.say("nearby.found"), *lines]), footer=turn.say("footer"))


def _line(turn: Any, branch: Branch, metres: int) -> str:
    return str(
        turn.say(
            "nearby.line",
            branch=hinted(turn, branch),
            distance=distance_words(metres, turn.session.locale),
            hours=branch_hours(turn, branch),
            phone=branch.phone,
        )
    )
