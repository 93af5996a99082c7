"""Days in texts: `{day:Y年m月d日}`, `{day:d B}`."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date


class Day:
    """A day as a text says it: Y, m, d are figures, B the month's English name; every other
    character of the format stands for itself."""

    def __init__(self, day: date) -> None:
        self._parts = {
            "Y": str(day.year),
            "m": str(day.month),
            "d": str(day.day),
            "B": calendar.month_name[day.month],
        }

    def __format__(self, spec: str) -> str:
        return "".join(self._parts.get(letter, letter) for letter in spec)


def with_days(values: Mapping[str, object]) -> dict[str, object]:
    """What fills a text, each date as a `Day`."""
    return {name: Day(it) if isinstance(it, date) else it for name, it in values.items()}
