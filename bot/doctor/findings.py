"""What a check finds, and running checks that may break themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "fault"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `remedy`: what an operator does about it. Nothing personal,
    no key and no token stands in either."""

    level: Level
    told: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """Something to look at, by a name for the case that looking fails."""

    name: str
    look: Callable[[], Iterable[Finding]]


def examine(checks: Iterable[Check]) -> list[Finding]:
    """What all checks find. Whatever breaks is what a doctor reports."""
    return [finding for check in checks for finding in _looked(check)]


def _looked(check: Check) -> list[Finding]:
    try:
        return list(check.look())
    except Exception as fault:
        # The class only: a message may quote an address with its password.
        return [Finding("fault", f"{check.name}: {type(fault).__name__}")]
