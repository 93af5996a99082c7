"""Acceptance numbers: the city's prefix, yymmdd, and at least four digits not in sequence."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date

from sqlalchemy.orm import Session as Records

from models.applications import Application, NumberTaken, find_application

_FEWEST, _MOST = 4, 12  # digits after the date
_SUBMITS = 3
_TRIES = 20  # of one length: with nine in ten taken, a longer number comes after about 20


def draw_number(records: Records, prefix: str, day: date, serial: Callable[[], str]) -> str:
    """A number that no application has, such as YZ2611230731; longer when the day is full.

    `serial` gives at least four random digits at each call. Two draws at the same moment may give
    the same number: `submit` then raises NumberTaken for the second (see `with_number`).
    """
    stem = f"{prefix}{day:%y%m%d}"
    for length in range(_FEWEST, _MOST + 1):
        for _ in range(_TRIES):
            number = stem + _digits(serial, length)
            if find_application(records, number) is None:
                return number
    raise LookupError("no acceptance number is left")


def with_number(draw: Callable[[], str], submit: Callable[[str], Application]) -> Application:
    """Submit under a drawn number; where somebody else took it at the same moment, under another.

    Raises NumberTaken when that happens three times in a row.
    """
    for _ in range(_SUBMITS - 1):
        with suppress(NumberTaken):
            return submit(draw())
    return submit(draw())


def _digits(serial: Callable[[], str], length: int) -> str:
    drawn = serial()
    if len(drawn) < _FEWEST or not drawn.isdecimal():
        raise ValueError("a serial has at least four digits")
    while len(drawn) < length:
        drawn += serial()
    return drawn if length == _FEWEST else drawn[:length]
