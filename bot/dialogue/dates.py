"""Days as people write them: 2038-05-12, 2038年5月12日, 20380512, 2038.5.12, 长期."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date

LONG_TERM = "long_term"
_LONG = ("长期", "永久", "长期有效", "long term", "long-term", "permanent", "no expiry")
# One blank at most: gaps are closed before, for with `\s*` a long one was tried in every way.
_PARTS = re.compile(r"(\d{4}) ?[-./年 ] ?(\d{1,2}) ?[-./月 ] ?(\d{1,2})")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th)? ([a-z]{3,9})\.?,? (\d{4})")
_MONTH_FIRST = re.compile(r"([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")


def read_date(text: str) -> date | str | None:
    """The day a text names, `LONG_TERM`, or None where it names none that exists.

    Of a range (2018.05.12-2038.05.12) the last day counts.
    """
    said = _cleaned(text)
    if any(word in said for word in _LONG):
        return LONG_TERM
    found = _named(said)
    return _day(found[-1]) if found else None


def names_no_day(text: str) -> bool:
    """Whether a text names a day that does not exist: 2月30日."""
    found = _named(_cleaned(text))
    return bool(found) and _day(found[-1]) is None


def _cleaned(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _named(said: str) -> Sequence[Sequence[str | int]]:
    """Year, month and day of every day that is named, whether or not it exists."""
    return _PARTS.findall(said) or _COMPACT.findall(said) or _in_english(said)


def _day(parts: Sequence[str | int]) -> date | None:
    try:
        return date(*(int(part) for part in parts))
    except ValueError:
        return None


def _in_english(said: str) -> list[tuple[str, int, str]]:
    """Year, month and day of `12 May 2038` and `May 12, 2038`."""
    named = [(year, month, day) for day, month, year in _DAY_FIRST.findall(said)]
    named += [(year, month, day) for month, day, year in _MONTH_FIRST.findall(said)]
    return [
        (year, number, day)
        for year, word, day in named
        for number, name in enumerate(_MONTHS, 1)
        if name.startswith(word)
    ]
