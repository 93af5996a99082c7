"""Mobile numbers of the mainland: eleven digits beginning with 13 to 19."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

DIGITS = 11
Code = Literal["empty", "characters", "length", "range"]

_NOISE = re.compile(r"[\s()\u2010-\u2015.\u200b-\u200f\u202a-\u202e\ufeff-]")
_COUNTRY = re.compile(r"(?:\+|00)?86(?=1\d{10}$)", re.ASCII)
_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)


class PhoneFault(Exception):
    """Why a text is no mobile number. `digits` counts the digits that were understood.

    empty: no digit at all · characters: something else between them · length: not eleven ·
    range: eleven, but not a mobile number.
    """

    def __init__(self, code: Code, digits: int) -> None:
        super().__init__(code)
        self.code, self.digits = code, digits


def normalise_phone(text: str) -> str:
    """Eleven digits; +86, 0086, 86, spaces, hyphens and full width are put right.

    Raises PhoneFault.
    """
    cleaned = _COUNTRY.sub("", _NOISE.sub("", unicodedata.normalize("NFKC", text)))
    digits = sum(c in "0123456789" for c in cleaned)
    if not digits:
        raise PhoneFault("empty", 0)
    if digits != len(cleaned):
        raise PhoneFault("characters", digits)
    if digits != DIGITS:
        raise PhoneFault("length", digits)
    if not _MOBILE.fullmatch(cleaned):
        raise PhoneFault("range", digits)
    return cleaned
