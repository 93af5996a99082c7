"""The shipped city with a branch that closes: 农业银行和平路支行, and what follows it."""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

from config.city import SHIPPED, City, load_city

CODE, SUCCESSOR = "ABC-01", "ABC-02"
CLOSES = date(2026, 12, 31)
COMES = date(2026, 12, 10)
"""A day before which a card that is ordered on 23 November does not come: review and making take
15 working days."""


def branches_with(**changed: Any) -> list[dict[str, Any]]:
    """The branches of the profile as JSON, the one that closes with these values."""
    listed: list[dict[str, Any]] = tomllib.loads(SHIPPED.read_text("utf-8"))["branches"]
    return [{**each, **changed} if each["code"] == CODE else each for each in listed]


def closing_city(on: date = CLOSES, successor: str = SUCCESSOR, **more: Any) -> City:
    """With other parts of the profile, where they are given."""
    branches = branches_with(closes_on=on.isoformat(), successor=successor)
    return load_city(None, {"branches": branches, **more})
