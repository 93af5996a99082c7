"""Days as people write them: 2038-05-12, 2038年5月12日, 20380512, 2038.5.12, 长期."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

LONG_TERM = "long_term"
_LONG = ("长期", "永久", "长期有效", "long term", "long-term", "permanent", "no expiry")
_PARTS = re.compile(r"(\d{4})\s*[-./年 ]\s*(\d{1,2})\s*[-./月 ]\s*(\d{1,2})\s*[日号]?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")


def read_date(text: str) -> date | str | None:
    """The day a text names, `LONG_TERM`, or None where it names none that exists.

    Of a range (2018.05.12-2038.05.12) the last day counts.
    """
    said = unicodedata.normalize("NFKC", text).strip().casefold()
    if any(word in said for word in _LONG):
        return LONG_TERM
    found = _PARTS.findall(said) or _COMPACT.findall(said)
    if not found:
        return None
    try:
        return date(*(int(part) for part in found[-1]))
    except ValueError:
        return None
