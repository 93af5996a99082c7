"""What a platform lets stand in a field of an approved wording, by the first part of its key.

Source for WeChat: developers.weixin.qq.com, 订阅消息参数值内容限制说明. A value beyond it is
refused with 47003, which names the key. For Alipay: USER_KEYWORD_LENGTH_ERROR, which names none.
Nothing may be empty or hold a line break or a control character.
"""

from __future__ import annotations

import re

_HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CLOCK = r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?"
_DAY = r"[0-9]{4}(?:-[0-9]{1,2}-[0-9]{1,2}|年[0-9]{1,2}月[0-9]{1,2}日)"
_MOMENT = rf"(?:{_DAY})?\s?(?:{_CLOCK})"

LONGEST_THING = 20
"""Characters of a `thing`, the field for free words."""

LIMITS: dict[str, tuple[str, str]] = {
    "thing": (rf".{{1,{LONGEST_THING}}}", f"{LONGEST_THING} characters at most"),
    "const": (r".{1,20}", "20 characters at most, of the approved ones"),
    "short_thing": (r".{1,5}", "5 characters at most"),
    "phrase": (rf"[{_HAN}]{{1,5}}", "5 Chinese characters at most, and nothing else"),
    "name": (
        rf"(?=.*[{_HAN}]).{{1,10}}|[^{_HAN}]{{1,20}}",
        "10 characters at most where one is Chinese, else 20",
    ),
    "character_string": (
        r"[!-~ ]{1,32}",
        "32 letters, digits or symbols at most, none of them Chinese",
    ),
    "number": (r"(?=.{1,32}$)-?[0-9]+(?:\.[0-9]+)?", "a number of 32 digits at most"),
    "letter": (r"[A-Za-z]{1,32}", "32 letters at most"),
    "symbol": (rf"[^\w\s{_HAN}]{{1,5}}", "5 symbols at most"),
    "time": (rf"{_MOMENT}(?:~{_MOMENT})?", "a time of 24 hours, with a date or without"),
    "date": (rf"{_DAY}(?:\s{_CLOCK})?(?:~{_DAY}(?:\s{_CLOCK})?)?", "a date, with a time or not"),
    "amount": (
        r"[¥￥$€£]?(?=[0-9.]{1,11}元?$)[0-9]{1,10}(?:\.[0-9]+)?元?",
        "a currency sign and 10 digits at most",
    ),
    "phone_number": (r"[0-9+() -]{1,17}", "17 digits or symbols at most"),
    "car_number": (r".{1,8}", "8 characters at most"),
    "enum": (r".+", "one of the listed values"),
}
LONGEST_KEYWORD = 50
"""Characters of any field of Alipay's."""

ALIPAY_KEYS = re.compile(r"first|keyword[1-9][0-9]?|remark")

_PATTERNS = {kind: re.compile(pattern) for kind, (pattern, _) in LIMITS.items()}
_LEGAL = re.compile(r"[^\x00-\x1f\x7f\u2028\u2029]*")


def kind_of(key: str) -> str:
    """`thing` of `thing12`."""
    return key.rstrip("0123456789")


def fault_of(key: str, value: str) -> str:
    """Why the platform would refuse this value under this key; "" when it would not.

    Names the rule, never the value.
    """
    kind = kind_of(key)
    if kind not in LIMITS or kind == key:
        return "no such kind of field"
    if not value.strip():
        return "empty"
    if not _LEGAL.fullmatch(value):
        return "a line break or a control character"
    return "" if _PATTERNS[kind].fullmatch(value) else LIMITS[kind][1]


def alipay_fault_of(key: str, value: str) -> str:
    """The same for a field of Alipay's, whose kinds are all alike."""
    if not ALIPAY_KEYS.fullmatch(key):
        return "no such field"
    if not value.strip():
        return "empty"
    if not _LEGAL.fullmatch(value):
        return "a line break or a control character"
    long = len(value) > LONGEST_KEYWORD
    return f"{LONGEST_KEYWORD} characters at most" if long else ""
