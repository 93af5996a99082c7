"""Lines of fields parted by pipes: `\\p` is a pipe, `\\\\` a backslash, LF ends a line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_ESCAPED = re.compile(r"\\(.?)", re.DOTALL)


class Unwritable(Exception):
    """A text that no line can hold: control characters, lone surrogates, unfinished escapes."""


def row_of(values: Iterable[str]) -> str:
    """One line without its end. Raises `Unwritable`."""
    return "|".join(checked(v).replace("\\", "\\\\").replace("|", "\\p") for v in values)


def values_of(row: str) -> list[str]:
    """The fields of a line. Raises `Unwritable`."""
    return [_ESCAPED.sub(_meant, checked(field)) for field in row.split("|")]


def checked(text: str) -> str:
    """The text itself, if all of it can be handed over. Raises `Unwritable`."""
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in text):
        raise Unwritable
    return text


def _meant(escape: re.Match[str]) -> str:
    found = {"p": "|", "\\": "\\"}.get(escape[1])
    if found is None:
        raise Unwritable
    return found
