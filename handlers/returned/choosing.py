"""A question with two answers, each a text with its words: for the talks of this folder alone."""

from __future__ import annotations

from typing import Any

from bot.dialogue.messages import Option, Reply
from bot.dialogue.words import Item, pick


def choice(turn: Any, asked: str, under: str, answers: tuple[str, ...]) -> Reply:
    """The question; its options are the texts `under`.answer, numbered."""
    labels = [turn.say(f"{under}.{answer}") for answer in answers]
    options = tuple(Option(str(n), label) for n, label in enumerate(labels, 1))
    return Reply(asked, options, footer=turn.say("footer"))


def chosen(turn: Any, said: str, under: str, answers: tuple[str, ...]) -> str:
    """Which answer is meant, by its number, its text or its words; "" for none of them."""
    items = [
        Item(
            name,
            turn.say(f"{under}.{name}"),
            tuple(turn.say(f"{under}.{name}_words").split()),
        )
        for name in answers
    ]
    found = pick(said, items)
    return str(found[0].value) if len(found) == 1 else ""
