"""Identity numbers: citizens, residence permits of Hong Kong, Macau and Taiwan, foreign residents.

GB 11643-1999 (18 places, ISO 7064 MOD 11-2); residence permits have the same form and begin with
81, 82 or 83; the foreign permanent resident card has 15 places (2017, machine-readable check
7-3-1) or 18 beginning with 9 (2023). Places 3 to 6 are not looked up: abolished county codes live
on in people's numbers. 15-digit citizen numbers have been invalid since 2013.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal

from stdnum.cn import ric

Sex = Literal["male", "female"]
Code = Literal["length", "fifteen", "characters", "checksum", "birth", "future"]

_FIRST_YEAR = 1880  # the standard's own sample; nobody older applies
_SEPARATORS = re.compile(r"[\s\u200b-\u200f\u202a-\u202e\u2010-\u2015\ufeff-]")
_EIGHTEEN = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)
_FOREIGN_2017 = re.compile(r"[A-Z]{3}\d{12}", re.ASCII)


class IdKind(StrEnum):
    """The document a number belongs to."""

    RESIDENT_ID = "RESIDENT_ID"
    HKMO_RESIDENCE_PERMIT = "HKMO_RESIDENCE_PERMIT"
    TW_RESIDENCE_PERMIT = "TW_RESIDENCE_PERMIT"
    FOREIGN_PR = "FOREIGN_PR"


class IdNumberFault(Exception):
    """Why a text is no identity number. `length` counts the characters that were understood.

    length · fifteen: an old citizen number · characters: others than digits and a final X ·
    checksum: a digit is wrong · birth: no such day · future: a birth still to come.
    """

    def __init__(self, code: Code, length: int) -> None:
        super().__init__(code)
        self.code, self.length = code, length


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A checked number in its normal form, with what follows from it."""

    value: str
    kind: IdKind
    sex: Sex
    birth: date


def parse_id_number(text: str, today: date) -> IdNumber:
    """The number in `text`: full-width, spaces, hyphens, x and Roman Ⅹ are put right.

    Raises IdNumberFault with the first thing that is wrong.
    """
    value = clean_id_number(text)
    if len(value) == 15 and not value.isdigit():
        return _parse_foreign_2017(value, today)
    if len(value) == 15:
        raise IdNumberFault("fifteen", 15)
    if len(value) != 18:
        raise IdNumberFault("length", len(value))
    if not _EIGHTEEN.fullmatch(value):
        raise IdNumberFault("characters", 18)
    if ric.calc_check_digit(value) != value[-1]:
        raise IdNumberFault("checksum", 18)
    birth = _birth(value[6:14], 18, today)
    return IdNumber(value, kind_of(value), _sex(value[16]), birth)


def clean_id_number(text: str) -> str:
    """Half-width capitals without spaces and hyphens; not yet checked."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", text)).upper()


def kind_of(value: str) -> IdKind:
    """The kind of a checked number."""
    if len(value) == 15 or value[0] == "9":
        return IdKind.FOREIGN_PR
    if value[:2] == "83":
        return IdKind.TW_RESIDENCE_PERMIT
    if value[:2] in ("81", "82"):
        return IdKind.HKMO_RESIDENCE_PERMIT
    return IdKind.RESIDENT_ID


def birth_year(value: str) -> int | None:
    """The year of birth that a checked number of 18 characters says; None for others, which leave
    the century open."""
    return int(value[6:10]) if len(value) == 18 else None


def age_on(birth: date, day: date) -> int:
    """Full years of age on `day`. Who was born on 29 February turns older on 1 March."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def _parse_foreign_2017(value: str, today: date) -> IdNumber:
    if not _FOREIGN_2017.fullmatch(value):
        raise IdNumberFault("characters", 15)
    if _check_731(value[:14]) != int(value[14]):
        raise IdNumberFault("checksum", 15)
    short = int(value[7:9])  # two digits: the century is the latest that is not in the future
    century = today.year // 100 * 100
    year = century + short if century + short <= today.year else century - 100 + short
    birth = _birth(f"{year}{value[9:13]}", 15, today)
    return IdNumber(value, IdKind.FOREIGN_PR, _sex(value[13]), birth)


def _check_731(text: str) -> int:
    """The check digit of travel documents (ICAO 9303): weights 7, 3, 1; A counts as 10."""
    return sum(int(letter, 36) * (7, 3, 1)[place % 3] for place, letter in enumerate(text)) % 10


def _birth(digits: str, length: int, today: date) -> date:
    try:
        birth = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise IdNumberFault("birth", length) from None
    if birth.year < _FIRST_YEAR:
        raise IdNumberFault("birth", length)
    if birth > today:
        raise IdNumberFault("future", length)
    return birth


def _sex(digit: str) -> Sex:
    return "male" if int(digit) % 2 else "female"
