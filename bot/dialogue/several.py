"""One value of a question, and several of them in one message: which words are which value."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from bot.dialogue.readings import Fault
from bot.dialogue.state import Draft

_LATIN = re.compile("[A-Za-z\u00c0-\u024f'\u2019.-]+")
_MARKS = re.compile(r"[\s，,、；;]+")
_HAN = "[\u3400-\u9fff\U00020000-\U0003ffff]"
_PARTED = re.compile(rf"(?<!{_HAN})({_HAN}{{1,2}})\s+({_HAN}{{1,2}})(?!{_HAN})")
_JOINED = re.compile(rf"(?<={_HAN})(?=\d{{6}})")


@dataclass(frozen=True)
class Value:
    """How one answer, `name`, is read from words (raising `Fault`) and shown."""

    name: str
    read: Callable[[Any, Draft, str], Any]
    show: Callable[[Any, Draft, Any], str] = lambda turn, draft, value: str(value)


def parts_of(said: str) -> list[str]:
    """The words of a message. Latin words that stand together are one name, and so are 张 三; a
    long number is a word of its own even right behind a Chinese name."""
    said = _JOINED.sub(" ", _PARTED.sub(r"\1\2", said))
    words = [word for word in _MARKS.split(said) if word]
    parts: list[str] = []
    for latin, run in groupby(words, lambda word: bool(_LATIN.fullmatch(word))):
        together = list(run)
        parts += [" ".join(together)] if latin else together
    return parts


def read_parts(
    turn: Any, draft: Draft, parts: Sequence[str], values: Sequence[Value]
) -> tuple[dict[str, Any], Fault | None]:
    """Which part is which value, each taken once; and what is wrong with the first that is none."""
    found: dict[str, Any] = {}
    first: Fault | None = None
    for part in parts:
        fault: Fault | None = None
        for value in (v for v in values if v.name not in found):
            try:
                found[value.name] = value.read(turn, draft, part)
            except Fault as why:
                fault = why
            else:
                fault = None
                break
        first = first or fault
    return found, first
