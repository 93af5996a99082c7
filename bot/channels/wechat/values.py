"""What a field of a template may hold: checked before it is sent.

The platform refuses a whole message for one value (47003), and names its key. Source: its pages on
template and subscription messages; what they leave open is the stricter reading. A field is called
after its kind and a number: `thing2`, `character_string1`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bot.channels.wechat.errors import Kind, PlatformError

NOTHING = "—"  # what stands in a `thing` of which there is nothing to say: empty is refused

_CLOCK = r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?"
_DAY = r"(?:\d{4}-\d{1,2}-\d{1,2}|\d{4}/\d{1,2}/\d{1,2}|\d{4}年\d{1,2}月\d{1,2}日)"
_TIME = rf"(?:{_DAY} ?)?{_CLOCK}"
_DATE = rf"{_DAY}(?: ?{_CLOCK})?"
_HAN = r"\u3400-\u9fff\uf900-\ufaff"
_KEY = re.compile(r"([a-z]+(?:_[a-z]+)*)\d{1,3}")


@dataclass(frozen=True, slots=True)
class Limit:
    """What the values of one kind look like, `longest` characters at most, and what to say where
    one does not. `shorten`: what is longer is cut, what is empty becomes a dash."""

    longest: int
    pattern: str
    wanted: str
    shorten: bool = False


LIMITS: Mapping[str, Limit] = {
    "thing": Limit(20, r".+", "20 characters", shorten=True),
    "const": Limit(20, r".+", "20 characters, one of the approved texts"),
    "short_thing": Limit(5, r".+", "5 characters"),  # undocumented
    "phrase": Limit(5, rf"[{_HAN}]+", "5 Chinese characters and nothing else"),
    # Theirs are 10 Chinese characters or 20 letters. Ours hold the acceptance number: never the
    # name of a person, who might be read over the shoulder.
    "name": Limit(20, r"[A-Za-z0-9 ._-]+", "20 letters and digits, and no person's name"),
    "character_string": Limit(32, r"[!-~ ]+", "32 letters, digits and symbols, none Chinese"),
    "number": Limit(32, r"[+-]?\d+(?:\.\d+)?", "a number of 32 digits"),
    "letter": Limit(32, r"[A-Za-z]+", "32 letters"),
    "symbol": Limit(5, rf"[^\w\s{_HAN}]+", "5 symbols"),
    "time": Limit(64, rf"{_TIME}(?: ?~ ?{_TIME})?", "a time as 15:01, 2026-11-23 15:01 or a~b"),
    "date": Limit(64, rf"{_DATE}(?: ?~ ?{_DATE})?", "a date as 2026-11-23 or 2026年11月23日"),
    "amount": Limit(
        16, r"[¥￥$€£]?\d{1,10}(?:\.\d{1,2})?元?", "a currency sign, 10 digits, 元 behind or not"
    ),
    "phone_number": Limit(17, r"[+\d][\d ()+-]*", "17 digits and symbols"),
    "car_number": Limit(8, rf"[{_HAN}]?[A-Za-z0-9]+[{_HAN}]?", "8 characters of a number plate"),
    "enum": Limit(20, r".+", "one of the listed values"),
}
"""By the first part of a field's key; every row of the platform's table."""


def kind_of(field: str) -> str:
    """`thing2` → `thing`, `character_string1` → `character_string`; "" for no field of theirs."""
    found = _KEY.fullmatch(field)
    return found[1] if found and found[1] in LIMITS else ""


def sendable(
    values: Mapping[str, str], listed: Mapping[str, Collection[str]] | None = None
) -> dict[str, str]:
    """The values as they may be sent: a `thing` on one line, shortened by …, a dash where empty.

    `listed`: the values that a `const` or an `enum` may have, where they are known. Raises
    PlatformError(BUG), naming the field and never its value, for what the platform would refuse.
    """
    return {
        field: _sendable(field, value, (listed or {}).get(field)) for field, value in values.items()
    }


def _sendable(field: str, value: object, listed: Collection[str] | None) -> str:
    limit = LIMITS.get(kind_of(field))
    if limit is None:
        raise _refused(field, "is no kind of field that the platform has")
    if not isinstance(value, str):
        raise _refused(field, "is not a text")
    text = _one_line(value) if limit.shorten else value
    if limit.shorten:
        text = _short(text, limit.longest) or NOTHING
    if any(unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") for sign in text):
        raise _refused(field, "holds line ends or control characters")
    if not text.strip():
        raise _refused(field, "is empty")
    if len(text) > limit.longest or not re.fullmatch(limit.pattern, text, re.ASCII):
        raise _refused(field, f"wanted: {limit.wanted}")
    if listed is not None and text not in listed:
        raise _refused(field, f"wanted: {limit.wanted}")
    return text


def _one_line(value: str) -> str:
    kept = (" " if unicodedata.category(sign) in ("Cc", "Zl", "Zp") else sign for sign in value)
    return " ".join("".join(s for s in kept if unicodedata.category(s) != "Cs").split())


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _refused(field: str, why: str) -> PlatformError:
    return PlatformError(Kind.BUG, f"data.{field}.value {why}")
