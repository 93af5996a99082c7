"""收到, 改地址: a card that was posted, and one that came back."""

from __future__ import annotations

from typing import Any

from bot.dialogue.messages import Reply
from bot.dialogue.readings import Answer, Reading
from handlers.card.life import Address
from handlers.collecting.cards import WANTS, for_change, handed_in_here
from handlers.collecting.hosting import draft_of, kept
from handlers.collecting.stages import Next
from handlers.collecting.switching_on import activate
from models.application_states import Actor, State
from models.applications import Application, open_answers, replace_answers

ADDRESS = Address(name="lives_at", section="life", form="card")


def card_received(turn: Any, application: Application) -> Next:
    """The person has the card: what is left is to switch it on."""
    card = for_change(turn, application, WANTS["card_received"] | WANTS["activate"])
    if card.state == State.MAILED:
        turn.life.advance(
            turn.records,
            card,
            State.COLLECTED,
            Actor.CITIZEN,
            turn.now,
            by="",
            reason="received",
            quiet=handed_in_here(turn, application),
            collector="self",
        )
    after = activate(turn, card)
    thanks = turn.say("collecting.received")
    return Next(after.reply.preceded_by(thanks), after.stage, after.keep)


def new_address(turn: Any, application: Application) -> Next:
    """Where is it to be sent again?"""
    return Next(ask_address(turn, application), "address", {"draft": {}})


def ask_address(turn: Any, application: Application) -> Reply:
    draft = draft_of(turn, application)
    return ADDRESS.ask(turn, draft) if draft.inner else Reply(turn.say("collecting.address.ask"))


def read_address(turn: Any, application: Application) -> Reading | Next:
    """As the form reads where somebody lives: a sentence, or a place that was sent."""
    draft = draft_of(turn, application)
    reading = ADDRESS.read(turn, draft)
    kept(turn, draft, reading)
    if not isinstance(reading, Answer):
        return reading
    card = for_change(turn, application, WANTS["new_address"])
    values = {**open_answers(card, turn.keys), **reading.values}
    replace_answers(turn.records, turn.keys, card, values, Actor.CITIZEN, turn.now)
    card.district = values["district"]
    text = turn.say("collecting.address.done", address=reading.values["lives_at"])
    return Next(Reply(text))
