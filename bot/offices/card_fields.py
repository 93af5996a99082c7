"""What the lines of an ID card say, field by field.

The layout is that of the second-generation resident ID card: labels on the left, values beside
them, the number at the foot. A field that is not surely there is left out: the person types it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Literal

from bot.offices.card_lines import Line, beside, rows
from models.ethnicities import ETHNICITIES, find_ethnicity
from models.id_numbers import IdNumber, IdNumberFault, parse_id_number
from models.person_names import NameFault, normalise_name

FRONT = re.compile(r"姓名|性别|民族|出生|住址|公民身份|身份号码")
BACK = re.compile(r"签发机关|有效期限|居民身份证|公安.*局")

NAME_LABEL = re.compile(r"^姓.?名|^姓.$|^.名$")
ADDRESS_LABEL = re.compile(r"^住址|^住.$|^.址$")
MARK = re.compile(r"样.?[例列]|^[样例列]$|仅供|复印")
"""Words of stamps and watermarks, which belong to no field."""

DIGITS = str.maketrans("OoQIl|SB", "00011158")
"""What is read for a digit where only digits stand."""

DAY = r"(\d{4})[.,·。年\-]?(\d{2})[.,·。月\-]?(\d{2})日?"
VALIDITY = re.compile(DAY + r"\D{0,3}" + DAY)
LONG_TERM = re.compile(r"\d{2}\D{0,3}长期|^至?长期$|期限.*长期")
BIRTH = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})")

Fields = dict[str, str]


def side_of(lines: Sequence[Line]) -> Literal["front", "back", "unknown"]:
    """Which side has these words; unknown when there are too few of them."""
    front = len({word for line in lines for word in FRONT.findall(line.text)})
    back = len({word for line in lines for word in BACK.findall(line.text)})
    front += 2 * (_number(lines) is not None)
    back += 2 * ("valid_until" in _validity(lines))
    if front == back or max(front, back) < 2:
        return "unknown"
    return "front" if front > back else "back"


def front_fields(lines: Sequence[Line]) -> Fields:
    """name, sex, ethnicity, birth_date, id_address, id_number, as far as they are there."""
    texts = ["".join(line.text for line in row) for row in rows(lines)]
    number = _number(lines)
    fields = {
        "name": _name(lines),
        "sex": number.sex if number else _sex(texts),
        "ethnicity": _ethnicity(texts),
        "birth_date": number.birth.isoformat() if number else _birth(texts),
        "id_address": _address(lines),
        "id_number": number.value if number else "",
    }
    return {field: value for field, value in fields.items() if value}


def back_fields(lines: Sequence[Line]) -> Fields:
    """valid_until and issuer, as far as they are there."""
    return {**_validity(lines), **_issuer(lines)}


def _number(lines: Sequence[Line]) -> IdNumber | None:
    """The one number on the card whose check digit is right."""
    for text in [line.text for line in lines] + ["".join(p.text for p in r) for r in rows(lines)]:
        for digits in re.findall(r"(?<!\d)\d{17}[\dXx](?!\d)", text.translate(DIGITS)):
            try:
                return parse_id_number(digits, date.max)
            except IdNumberFault:
                continue
    return None


def _label(lines: Sequence[Line], label: re.Pattern[str]) -> Line | None:
    return next((line for line in lines if label.search(line.text)), None)


def _value(lines: Sequence[Line], label: Line, pattern: re.Pattern[str]) -> str:
    """What stands after a label, in its own line or beside it."""
    rest = pattern.sub("", label.text, count=1)
    return rest + "".join(p.text for p in beside(lines, label) if not MARK.search(p.text))


def _name(lines: Sequence[Line]) -> str:
    label = _label(lines, NAME_LABEL)
    try:
        name = normalise_name(_value(lines, label, NAME_LABEL)) if label else ""
    except NameFault:
        return ""
    # A line of nothing but a value could have passed for a label with a misread character.
    return "" if FRONT.search(name) or any(char.isdigit() for char in name) else name


def _sex(texts: Sequence[str]) -> str:
    for text in texts:
        if found := re.search(r"别(男|女)|(男|女).?.?族|^(男|女)$", text):
            return "male" if "男" in found.group() else "female"
    return ""


def _ethnicity(texts: Sequence[str]) -> str:
    for text in texts:
        if found := re.search(r"族(\w+)", text):
            words = found.group(1)
            # A stamp at the end of the row may follow; the longest beginning that is a people wins.
            for end in range(len(words), 0, -1):
                if code := find_ethnicity(words[:end]):
                    return ETHNICITIES[code].name
    return ""


def _birth(texts: Sequence[str]) -> str:
    for text in texts:
        if found := BIRTH.search(text):
            return _day(*found.groups())
    return ""


def _address(lines: Sequence[Line]) -> str:
    label = _label(lines, ADDRESS_LABEL)
    if label is None:
        return ""
    first = list(beside(lines, label))
    merged = len(label.text) > 2
    left = label.left + 3.4 * label.height if merged or not first else first[0].left
    address, last = _value(lines, label, ADDRESS_LABEL), label
    for line in sorted(lines, key=lambda line: line.middle):
        if line.middle <= last.middle + 0.6 * last.height:
            continue
        if line.middle > last.middle + 2.2 * label.height:
            break
        if abs(line.left - left) < 2.5 * label.height and not _is_foot(line):
            address, last = address + line.text, line
    address = MARK.sub("", address)
    return address if len(address) >= 4 else ""


def _is_foot(line: Line) -> bool:
    return bool(re.search(r"公民|号码|\d{15}", line.text) or MARK.search(line.text))


def _validity(lines: Sequence[Line]) -> Fields:
    texts = [line.text for line in lines] + ["".join(p.text for p in r) for r in rows(lines)]
    for text in texts:
        if LONG_TERM.search(text):
            return {"valid_until": "long_term"}
        if found := VALIDITY.search(text.translate(DIGITS)):
            since, until = _day(*found.groups()[:3]), _day(*found.groups()[3:])
            if since and until > since:
                return {"valid_until": until}
    return {}


def _issuer(lines: Sequence[Line]) -> Fields:
    pattern = re.compile(r"^签发机关")
    for line in lines:
        if found := re.search(r"\w{2,}公安\w*局\w*", pattern.sub("", line.text)):
            return {"issuer": found.group()}
    label = _label(lines, pattern)
    issuer = _value(lines, label, pattern) if label else ""
    return {"issuer": issuer} if issuer else {}


def _day(year: str, month: str, day: str) -> str:
    """ISO, or empty when there is no such day."""
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""
