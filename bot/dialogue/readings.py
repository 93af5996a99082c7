"""What a question makes of an update: `Reading`, and the `Fault` that a reader of values raises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bot.dialogue.messages import Later, Outcome, Reply, Update
from bot.dialogue.state import Session


class Talk(Protocol):
    """What the engine itself needs of a turn. Steps' own functions get the whole turn."""

    update: Update
    session: Session
    now: datetime

    def say(self, key: str, **values: object) -> str: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """The question is answered. `said` acknowledges it, before the next question.

    `sure` is False where any sentence would do (a free text): a clear question about
    something else is then preferred by the router.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    said: str = ""
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Problem:
    """What was sent cannot be the answer; `text` says why, what is needed, and an example."""

    text: str
    inner: dict[str, Any] | None = None  # as in `Stay`


@dataclass(frozen=True, slots=True)
class Stay:
    """The question goes on with a message of its own (one of two photos, a code was sent).

    `sure` as in `Answer`. None as the reply: nothing to say. `inner` is the question's own state
    once this is carried out; the engine fills it in, for the router may find that something else
    was meant.
    """

    reply: Reply | None
    sure: bool = True
    inner: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Ready:
    """What the question waited for, having said LATER on opening, is there: it is asked now."""


@dataclass(frozen=True, slots=True)
class Leave:
    """The conversation gives up the floor with this reply."""

    reply: Outcome


@dataclass(frozen=True, slots=True)
class Unclear:
    """Nothing that this question knows."""


UNCLEAR = Unclear()
Reading = Answer | Problem | Stay | Ready | Leave | Later | Unclear


class Fault(Exception):
    """A value is wrong. `key` is the text that says so (below `problem.`), `values` fill it."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key, self.values = key, values

    def said(self, talk: Talk) -> str:
        return talk.say(f"problem.{self.key}", **self.values)
