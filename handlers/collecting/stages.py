"""What the stages of the conversation have in common: where it goes next, and with which words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.dialogue.messages import Option, Reply
from bot.dialogue.readings import Reading
from models.applications import Application


@dataclass(frozen=True, slots=True)
class Next:
    """Where a wish leads: the stage that is open from now on ("": none), and what is said.
    `keep` goes into the notes."""

    reply: Reply
    stage: str = ""
    keep: dict[str, Any] | None = None


Enter = Callable[[Any, Application], Next]
Read = Callable[[Any, Application], "Reading | Next"]
Ask = Callable[[Any, Application], Reply]


def said(turn: Any, key: str, **values: object) -> Next:
    """An answer after which nothing is open."""
    return Next(Reply(turn.say(f"collecting.{key}", **values)))


def choosing(turn: Any, text: str, wants: Sequence[str]) -> Next:
    """An answer with what can be done next, each a wish."""
    return Next(Reply(text, options(turn, wants)), "choose", {"wants": list(wants)})


def options(turn: Any, wants: Sequence[str]) -> tuple[Option, ...]:
    return tuple(
        Option(str(n), turn.say(f"collecting.option.{want}")) for n, want in enumerate(wants, 1)
    )
