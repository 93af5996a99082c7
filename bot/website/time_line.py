"""One application as the page for progress draws it: six words in a line, and what is promised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from config.city import Branch, Counter
from models.application_states import State, resident_word
from models.progress import WORDS, Progress


class Told(Protocol):
    """A `Progress` in words; see `handlers.progress.shown`."""

    @property
    def headline(self) -> str: ...
    @property
    def words(self) -> Sequence[str]: ...
    @property
    def happened(self) -> Sequence[str]: ...
    @property
    def detail(self) -> str: ...
    @property
    def late(self) -> str: ...
    @property
    def bring(self) -> str: ...
    @property
    def overdue(self) -> str: ...


class Telling(Protocol):
    def told(self, progress: Progress) -> Told: ...
    def day(self, when: date) -> str: ...


@dataclass(frozen=True, slots=True)
class Step:
    """One of the six words, with what happened there."""

    word: str
    place: Literal["done", "now", "ahead"]
    happened: Sequence[str]


@dataclass(frozen=True, slots=True)
class Card:
    """One application. `steps` is empty for what ended otherwise: then `happened` says it all."""

    application_id: str
    headline: str
    steps: Sequence[Step]
    happened: Sequence[str]
    detail: str
    late: str
    promised: str  # the day that is promised, "" for none
    place: Branch | Counter | None  # where the card is handed out; None where it is posted
    bring: str
    overdue: str
    is_open: bool
    is_proven: bool
    came_back: bool  # the person has something to mend
    may_collect: bool  # it waits at its branch: a code is given out


def card(progress: Progress, telling: Telling) -> Card:
    """Draw one application in the words of a language."""
    told = telling.told(progress)
    return Card(
        application_id=progress.application_id,
        headline=told.headline.rstrip("：:"),
        steps=_steps(progress, told) if progress.word else (),
        happened=told.happened,
        detail=told.detail,
        late=told.late,
        promised=telling.day(progress.promised) if progress.promised else "",
        place=progress.place,
        bring=told.bring,
        overdue=told.overdue,
        is_open=progress.is_open,
        is_proven=progress.holder_proven,
        came_back=bool(progress.findings),
        may_collect=progress.state == State.READY_FOR_PICKUP and progress.place is not None,
    )


def _steps(progress: Progress, told: Told) -> list[Step]:
    at = progress.word or 0
    by_word: dict[int, list[str]] = {}
    for step, words in zip(progress.happened, told.happened, strict=True):
        by_word.setdefault(resident_word(step.state) or 0, []).append(words)
    return [
        Step(told.words[n - 1], "done" if n < at else "now" if n == at else "ahead",
             by_word.get(n, []))
        for n in range(1, WORDS + 1)
    ]  # fmt: skip
