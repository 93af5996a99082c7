"""How a returned application is met: what is wrong, until when, and what can be done, before any
menu."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.dialogue.messages import Link, Option, Reply
from bot.dialogue.words import Item
from handlers.progress.shown import about, told
from handlers.returned.draft import FORM
from handlers.returned.found import PHOTOS, Returned, correction, opened
from handlers.waiting import own_applications
from models.application_states import State
from models.applications import Application

NOTES = "returned"
SAMPLES = "/photos"
"""The page that shows what a photo should look like."""


def urgent(turn: Any) -> Reply | None:
    """An application that came back, instead of the menu."""
    back = [a for a in own_applications(turn) if a.state == State.RETURNED]
    for application in back:
        if found := opened(turn, application):
            return meet(turn, found)
    return told(turn, back[0]) if back else None  # of which nobody noted what it lacks


def meet(turn: Any, found: Returned, before: str = "") -> Reply:
    """The present state as one message, and the floor for what is chosen."""
    stage(turn, "met", found.application)
    return met(turn, found).preceded_by(before)


def met(turn: Any, found: Returned) -> Reply:
    """What is wrong, until when, and what can be done."""
    text = correction(turn, found).text
    if not found.steps:
        text = f"{text}\n{turn.say('returned.at_counter')}"
    options = tuple(Option(str(n), item.label) for n, item in enumerate(items(turn, found), 1))
    return Reply(text, options, footer=turn.say("footer"), about=about(found.application))


def items(turn: Any, found: Returned) -> list[Item]:
    """What can be chosen, by value: correct, on_file, sample, withdraw."""
    return [
        Item(
            value,
            turn.say(f"returned.option.{_label(found, value)}"),
            tuple(turn.say(f"returned.option_words.{value}").split()),
        )
        for value in _offered(found)
    ]


def _offered(found: Returned) -> list[str]:
    offered = ["correct"] if found.steps else []
    if found.may_use_file:
        offered.append("on_file")
    if PHOTOS & set(found.steps):
        offered.append("sample")
    return [*offered, "withdraw"]


def _label(found: Returned, value: str) -> str:
    photos_alone = set(found.steps) <= PHOTOS
    return "retake" if value == "correct" and photos_alone else value


def sample(turn: Any, steps: Sequence[str]) -> Reply:
    """What a good photo looks like: in words, and the page that draws it."""
    label = turn.say("returned.sample.label")
    wanted = [name for name in ("portrait", "id") if name in steps]
    lines = [turn.say(f"returned.sample.{name}", label=label) for name in wanted]
    return Reply("\n".join(lines), footer=turn.say("footer"), links=(Link(SAMPLES, label),))


# --- what is remembered ---------------------------------------------------------------------------


def stage(turn: Any, name: str, application: Application) -> None:
    """Give this conversation the floor: `name` is met | filling | withdraw | object | anew."""
    turn.session.talk = FORM
    turn.session.notes[NOTES] = {"stage": name, "application": application.id}


def notes(turn: Any) -> dict[str, Any]:
    found: dict[str, Any] = turn.session.notes.get(NOTES, {})
    return found
