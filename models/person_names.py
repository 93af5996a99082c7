"""Names of people as registers hold them: the dot is U+00B7, up to 50 characters, any plane."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

LONGEST = 50  # 民委发〔2016〕33号: a name field holds at least 50
DOT = "\u00b7"
Code = Literal["empty", "long", "characters", "dots"]

_DOTS = re.compile("[\u00b7\u2022\u2027\u30fb\uff65\uff0e\u3002\u25cf\u2219\u22c5\u16eb\u0387.]")
_HAN = re.compile(
    "[\u3007\u3400-\u4dbf\u4e00-\u9fff\ue000-\uf8ff\uf900-\ufaff\U00020000-\U000323af]"
)


class NameFault(Exception):
    """Why a text is no name.

    empty · long: above 50 characters · characters: something that is in no name ·
    dots: one at the start, at the end, or two together.
    """

    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.code = code


def normalise_name(text: str) -> str:
    """The name as it is stored; show it for confirmation, for a dot may have changed.

    Han names lose their spaces, Latin ones keep single spaces, hyphens and apostrophes.
    Raises NameFault.
    """
    name = " ".join(_half_width(text).split())
    is_han = bool(_HAN.search(name))
    name = _DOTS.sub(DOT, name.replace(" ", "")) if is_han else _compose(name)
    _check(name, is_han)
    return name


def _compose(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _half_width(text: str) -> str:
    """Full-width letters and spaces put right. Han stay as typed: normal forms swap some."""
    return "".join(
        unicodedata.normalize("NFKC", c) if "\uff01" <= c <= "\uff5e" or c == "\u3000" else c
        for c in text
    )


def _check(name: str, is_han: bool) -> None:
    if not name:
        raise NameFault("empty")
    if len(name) > LONGEST:
        raise NameFault("long")
    if not all(_belongs(c, is_han) for c in name):
        raise NameFault("characters")
    if is_han and (name[0] == DOT or name[-1] == DOT or DOT * 2 in name):
        raise NameFault("dots")
    if not is_han and not any(c.isalpha() for c in name):
        raise NameFault("characters")


def _belongs(char: str, is_han: bool) -> bool:
    if is_han:
        return char == DOT or bool(_HAN.match(char))
    return char in " -'\u2019.,\u00b7" or (char.isalpha() and not _HAN.match(char))
