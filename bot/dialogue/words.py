"""Reading short typed answers: folding a text, numbers in words, and finding an option by name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

_EDGE = " \t\r\n。．.,，、!！?？;；:：~～…\"'“”‘’「」()（）[]【】"
_NUMERALS = {
    "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9,
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "first": 1, "second": 2, "third": 3,
    "fourth": 4, "fifth": 5, "壹": 1, "贰": 2, "叁": 3,
}  # fmt: skip
_ORDINAL = re.compile(
    r"(?:我?(?:选|要|就)?(?:第|选项|option\s*|number\s*|no\.?\s*|the\s+)?)"
    rf"([0-9]|{'|'.join(_NUMERALS)})"
    r"\s*(?:个|项|号|家|条|种|one)?(?:吧|啊|呀|呢|的)?"
)


def fold(text: str) -> str:
    """Half-width, lower case, without marks and blanks at the ends: for comparing, not storing."""
    return unicodedata.normalize("NFKC", text).strip().strip(_EDGE).casefold()


def visible(text: str) -> str:
    """The text without control and format characters (Cc, Cf), line ends as blanks."""
    if text.isprintable():
        return text.strip()
    kept = (" " if ch in "\r\n\t" else ch for ch in text)
    return "".join(ch for ch in kept if unicodedata.category(ch) not in ("Cc", "Cf")).strip()


def as_number(text: str) -> int | None:
    """The choice a short text names: `2`, `２。`, `第二个`, `选2`, `the second one`; else None."""
    match = _ORDINAL.fullmatch(fold(text))
    if not match:
        return None
    word = match.group(1)
    return int(word) if word.isdigit() else _NUMERALS[word]


@dataclass(frozen=True, slots=True)
class Item:
    """One choice: the value stored, the label shown, other words people use for it."""

    value: Any
    label: str
    words: tuple[str, ...] = ()

    def names(self) -> tuple[str, ...]:
        return (self.label, *self.words)


def labelled(text: str, items: Sequence[Item]) -> Item | None:
    """The item whose label a text is, to the letter: what a click on it says."""
    said = fold(text)
    return next((item for item in items if fold(item.label) == said), None)


def pick(text: str, items: Sequence[Item]) -> list[Item]:
    """The items a text names, best first: none, one, or several that fit equally well.

    A number wins, then the same words, then words contained, then a typo of one in four letters.
    """
    number = as_number(text)
    if number is not None:
        return [items[number - 1]] if 1 <= number <= len(items) else []
    said = fold(text)
    if not said:
        return []
    for fits in (_same, _contained, _near):
        found = [item for item in items if any(fits(said, fold(name)) for name in item.names())]
        if found:
            return found
    return []


def _same(said: str, name: str) -> bool:
    return said == name


def _contained(said: str, name: str) -> bool:
    """The name stands in what was said, or the whole of what was said is a part of the name."""
    short = 1 if not name.isascii() else 3
    return (len(name) > short and name in said) or (len(said) > short and said in name)


def _near(said: str, name: str) -> bool:
    if min(len(said), len(name)) < 3 and not said.isascii():
        return False
    return OSA.distance(said, name) * 4 <= max(len(said), len(name)) or fuzz.ratio(said, name) >= 84


_NUMBER_AT_END = re.compile(r"[ :]{0,3}[0-9]+\Z", re.ASCII)


class Words:
    """The words that mean the same everywhere, in every language at once: 上一步, 保留, 人工 …

    Built from a table of command → words; a longer phrase is looked for only as a whole. A `#` at
    the end of a word stands for a number of any length.
    """

    def __init__(self, table: Mapping[str, Sequence[str]]) -> None:
        pairs = ((fold(word), name) for name, words in table.items() for word in words)
        self._commands = {word: name for word, name in pairs if word}

    def command(self, text: str) -> str | None:
        """The command a text is, as a whole: `上一步`, `0`, `转人工。`; else None."""
        said = fold(text)
        return self._commands.get(said) or self._commands.get(_NUMBER_AT_END.sub("#", said))


_EDIT = re.compile(
    r"(?:我?想?要?(?:修改|更改|改一下|改下|改|换)|edit|change)\s*(?:一下|the|my)?\s*(.+)"
)


def edit_target(text: str) -> str | None:
    """What 修改 3 / 改手机 / edit phone wants changed: `3`, `手机`, `phone`; else None."""
    match = _EDIT.fullmatch(fold(text))
    return match.group(1).strip() if match else None
