"""The values of an approved wording, made ready to be sent: what the platform would refuse never
leaves. It refuses a whole message for one value (47003). The limits stand in
`config.field_limits`, which the city's wordings are held against at start as well.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from bot.channels.wechat.errors import Kind, PlatformError
from config.field_limits import LONGEST_THING, fault_of, kind_of

NOTHING = "—"
"""What stands in a `thing` of which there is nothing to say: an empty one is refused."""

_BREAKS = ("Cc", "Zl", "Zp")
_HALF = re.compile(r"[\ud800-\udfff]")
_NO_NAME = re.compile(r"[!-~ ]+")


def sendable(values: Mapping[str, str]) -> dict[str, str]:
    """The values as they may be sent. A `thing` comes on one line, shortened by …, as a dash where
    it is empty; all others must be right as they are.

    Raises PlatformError(BUG), naming the field and never its value.
    """
    return {field: _sendable(field, value) for field, value in values.items()}


def _sendable(field: str, value: object) -> str:
    if not isinstance(value, str):
        raise _refused(field, "is not a text")
    kind = kind_of(field)
    text = _thing(value) if kind == "thing" else value
    if fault := fault_of(field, text) or _not_utf8(text):
        raise _refused(field, fault)
    if kind == "name" and not _NO_NAME.fullmatch(text):
        # The name of a person is read over the shoulder, and may be longer than 10 characters.
        raise _refused(field, "only an acceptance number stands in a name")
    return text


def _thing(value: str) -> str:
    if value.isprintable() and 0 < len(value) <= LONGEST_THING and value.split(" ").count("") == 0:
        return value  # nothing to be done, as nearly always
    kept = (" " if unicodedata.category(sign) in _BREAKS else sign for sign in value)
    text = " ".join("".join(kept).split())
    if len(text) > LONGEST_THING:
        text = f"{text[: LONGEST_THING - 1]}…"
    return text or NOTHING


def _not_utf8(text: str) -> str:
    """Half a character, which UTF-8 does not have."""
    return "half a character" if not text.isprintable() and _HALF.search(text) else ""


def _refused(field: str, why: str) -> PlatformError:
    return PlatformError(Kind.BUG, f"data.{field}.value: {why}")
