"""What the fields of a template may hold, by the first part of their names.

Source: developers.weixin.qq.com, 订阅消息参数值内容限制 (limits of the parameters' values).
"""

from __future__ import annotations

import re

_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f]")
_HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CLOCK = r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?"
_DAY = r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{4}年\d{1,2}月\d{1,2}日)"
_TIME = rf"({_DAY} ?)?{_CLOCK}"
_DATE = rf"{_DAY}( ?{_CLOCK})?"

LIMITS: dict[str, re.Pattern[str]] = {
    "thing": re.compile(r".{1,20}"),
    "const": re.compile(r".{1,20}"),
    "short_thing": re.compile(r".{1,5}"),
    "phrase": re.compile(rf"[{_HAN}]{{1,5}}"),
    "name": re.compile(rf"[^{_HAN}]{{1,20}}|.{{1,10}}"),
    "character_string": re.compile(r"[\x20-\x7e]{1,32}"),
    "number": re.compile(r"-?(?=[\d.]{1,32}$)\d+(\.\d+)?", re.ASCII),
    "letter": re.compile(r"[A-Za-z]{1,32}"),
    "symbol": re.compile(r"[^\w\s]{1,5}"),
    "time": re.compile(rf"{_TIME}( ?~ ?{_TIME})?", re.ASCII),
    "date": re.compile(rf"{_DATE}( ?~ ?{_DATE})?", re.ASCII),
    "amount": re.compile(r"[¥￥$€£]?(?=[\d.]{1,11}元?$)\d{1,10}(\.\d+)?元?", re.ASCII),
    "phone_number": re.compile(r"[\d+\-() ]{1,17}", re.ASCII),
    "car_number": re.compile(r".{1,8}"),
    "enum": re.compile(r".{1,20}"),
}
"""`const` and `enum` know only words that were applied for with the template; of which the
simulator knows nothing, so it looks at their length alone."""


def fits(field: str, value: object) -> bool:
    """Whether `value` may stand in `field` (a name such as `thing2`)."""
    if not isinstance(value, str) or not value.strip() or _FORBIDDEN.search(value):
        return False
    limit = LIMITS.get(field.rstrip("0123456789"))
    return limit is None or limit.fullmatch(value) is not None
