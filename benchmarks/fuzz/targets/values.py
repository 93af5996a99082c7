"""Values that people type: read in every writing, refused by their own faults only."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from benchmarks.fuzz.choosing import Chooser, text_of
from benchmarks.fuzz.target import Target
from bot.dialogue.dates import LONG_TERM, read_date
from bot.dialogue.readings import Fault
from config.locales.days import Day
from handlers.card.values import read_id_number, read_name
from models.id_numbers import IdKind, IdNumberFault, parse_id_number
from models.person_names import LONGEST, NameFault, normalise_name
from models.phones import PhoneFault, normalise_phone

TODAY = date(2026, 11, 23)
_TURN: Any = SimpleNamespace(today=TODAY)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
_NUMBER_FAULTS = {"length", "fifteen", "characters", "checksum", "birth", "future"}


# --- ID numbers ---


def _id_number(data: bytes) -> None:
    _any_number(text_of(data))
    _a_valid_number_in_any_writing(Chooser(data))


def _any_number(said: str) -> None:
    try:
        found = parse_id_number(said, TODAY)
    except IdNumberFault as fault:
        assert fault.code in _NUMBER_FAULTS
        _refused(lambda: read_id_number(_TURN, None, "号码" + said))
        return
    assert parse_id_number(found.value, TODAY) == found, "the normal form is one"
    assert re.fullmatch(r"[1-9]\d{16}[\dX]|[A-Z]{3}\d{12}", found.value, re.ASCII)
    assert date(1880, 1, 1) <= found.birth <= TODAY
    assert found.kind in IdKind
    place = 16 if len(found.value) == 18 else 13
    assert (found.sex == "male") == (int(found.value[place]) % 2 == 1)


def _a_valid_number_in_any_writing(choose: Chooser) -> None:
    """Built from the standard, not with our own code, and then written as people do."""
    birth = date(1900, 1, 1) + timedelta(days=choose.number(46_000))
    if birth > TODAY:
        return
    body = f"119999{birth:%Y%m%d}{choose.number(1000):03d}"
    total = sum(int(place) * weight for place, weight in zip(body, _WEIGHTS, strict=True))
    value = body + "10X98765432"[total % 11]
    said = value
    for _ in range(choose.number(6)):
        at = choose.number(len(said) + 1)
        said = said[:at] + choose.one_of([" ", "-", "\u3000", "\u200b", "\u2013", "\t"]) + said[at:]
    said = choose.one_of([said, said.lower(), said.translate(_FULL_WIDTH)])
    found = parse_id_number(said, TODAY)
    assert (found.value, found.birth) == (value, birth)
    _one_wrong_digit(value, choose)


def _one_wrong_digit(value: str, choose: Chooser) -> None:
    """The check place finds every single wrong digit."""
    at, by = choose.number(17), 1 + choose.number(9)
    wrong = value[:at] + str((int(value[at]) + by) % 10) + value[at + 1 :]
    try:
        parse_id_number(wrong, TODAY)
    except IdNumberFault:
        return
    raise AssertionError(f"a wrong digit at place {at} was not found")


def _refused(read: Callable[[], Any]) -> None:
    """Read, or refused by a fault that has a text."""
    try:
        read()
    except Fault as fault:
        assert fault.key


# --- names, phones, dates ---


def _name(data: bytes) -> None:
    said = text_of(data)
    _refused(lambda: read_name(_TURN, None, said))
    try:
        name = normalise_name(said)
    except NameFault as fault:
        assert fault.code in {"empty", "long", "characters", "dots"}
        return
    assert normalise_name(name) == name, "the normal form is one"
    assert 0 < len(name) <= LONGEST
    assert name == name.strip()
    assert not re.search(r"[\x00-\x1f<>&\u200b-\u200f\u202a-\u202e\u2066-\u2069]", name)


def _phone(data: bytes) -> None:
    said = text_of(data)
    try:
        phone = normalise_phone(said)
    except PhoneFault as fault:
        assert fault.code in {"empty", "characters", "length", "range"}
        assert fault.digits >= 0
    else:
        assert re.fullmatch(r"1[3-9]\d{9}", phone, re.ASCII)
        assert normalise_phone(phone) == phone
    _a_mobile_in_any_writing(Chooser(data))


def _a_mobile_in_any_writing(choose: Chooser) -> None:
    number = f"1390000{choose.number(10_000):04d}"
    said = choose.one_of(["", "+86", "0086", "86", "+86 ", "(+86)"]) + number
    for _ in range(choose.number(4)):
        at = choose.number(len(said) + 1)
        said = said[:at] + choose.one_of([" ", "-", "\u3000", "\u200b"]) + said[at:]
    assert normalise_phone(said) == number


def _date(data: bytes) -> None:
    found = read_date(text_of(data))
    if isinstance(found, str):
        assert found == LONG_TERM
    elif found is not None:
        assert read_date(found.isoformat()) == found
    choose = Chooser(data)
    day = date(1900, 1, 1) + timedelta(days=choose.number(65_536))
    gap = choose.one_of(["", " ", "  ", "\u3000", "\t"])
    for written in (
        f"{day:%Y}{gap}-{gap}{day:%m}{gap}-{gap}{day:%d}",
        f"{day:%Y}年{gap}{day:%m}月{gap}{day:%d}日",
        f"{day:%Y%m%d}",
        f"{day:%Y.%m.%d}",
        f"{Day(day):d B Y}",
        f"{Day(day):B d, Y}",
    ):
        assert read_date(written) == day, written


def _encoded(*texts: str) -> Callable[[], list[bytes]]:
    return lambda: [text.encode() for text in texts]


ID_NUMBERS = Target(
    "id_numbers", _id_number,
    _encoded("119999199003070019", "１１９９９９ 19920308 ００２６", "11999919900307001x",
             "ABC119200306154", "810000199408230021", "119999900307001"),
    (b"119999", "Ⅹ".encode(), "ｘ".encode(), "²".encode(), "①".encode()),
)  # fmt: skip
NAMES = Target(
    "names", _name,
    _encoded("陈国强", "我叫赵小云", "买买提·艾力", "Jane O'Neil-Smith", "José  María", "𠮷野"),
    ("·".encode(), "．".encode(), "\ue000".encode(), "ŉ".encode(), "e\u0301".encode()),
)  # fmt: skip
PHONES = Target(
    "phones", _phone, _encoded("13900001234", "+86 139-0000-1234", "（0086）１３９００００１２３４")
)
DATES = Target(
    "dates", _date,
    _encoded("2038年5月12日", "2018.05.12-2038.05.12", "12 May 2038", "长期", "2038 5 12"),
    ("年".encode(), "月".encode(), b"1234 ", b"may ", b"12th "),
)  # fmt: skip
