"""激活: two sides, switched on apart: social security here or at the branch, the bank's in person.

No PIN is ever named: both are set at a counter.
"""

from __future__ import annotations

from typing import Any

from handlers.card.branch import bank_name
from handlers.collecting.cards import WANTS, for_change, handed_in_here
from handlers.collecting.stages import Next, choosing, said
from models.application_states import Actor, State
from models.applications import Application
from models.collection import switch_on
from models.lifecycle import BANK_ACTIVATED


def activate(turn: Any, application: Application) -> Next:
    """What works already, and what is left to do for each side."""
    if application.state == State.ACTIVATED:
        return said(turn, "on.social_done", bank=_bank_side(turn, application))
    if not (turn.city.collection.online and application.holder_proven):
        return said(turn, "on.at_branch", bank=_bank_side(turn, application))
    text = turn.say("collecting.on.here", bank=_bank_side(turn, application))
    return choosing(turn, text, ["confirm_on", "not_yet"])


def confirm_on(turn: Any, application: Application) -> Next:
    """Only a card that is in the hand: the old one stops with it."""
    return choosing(turn, turn.say("collecting.on.confirm"), ["on", "not_yet"])


def on(turn: Any, application: Application) -> Next:
    """The social security side works from now on."""
    card = for_change(turn, application, WANTS["activate"])
    if card.state == State.COLLECTED:
        quiet, citizen = handed_in_here(turn, application), Actor.CITIZEN
        switch_on(turn.records, turn.life, card, citizen, turn.now, by="", quiet=quiet)
    return said(turn, "on.done", bank=_bank_side(turn, card))


def not_yet(turn: Any, application: Application) -> Next:
    return said(turn, "on.not_yet")


def _bank_side(turn: Any, application: Application) -> str:
    if application.bank_status == BANK_ACTIVATED:
        return str(turn.say("collecting.on.bank_done"))
    bank = bank_name(turn, turn.city.bank(application.bank))
    return str(turn.say("collecting.on.bank_open", bank=bank))
