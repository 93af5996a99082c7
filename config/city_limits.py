"""How often the pages and the JSON API may be asked, by whom, and from where."""

from __future__ import annotations

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from config.city_parts import Count

_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, config=_STRICT)
class Rate:
    """So many `times` at once, and as many again over the next `seconds`, evenly."""

    times: Count
    seconds: Count


@dataclass(frozen=True, config=_STRICT)
class Limits:
    """One rate for each thing that is counted, apart from every other.

    `visitor`: forms that one browser sends. `address`: forms from one address, behind which a
    whole village may sit. `code`: forms from one address that may send somebody an SMS code.
    `api`: calls of one account, `api_address`: from one address, `login`: new tokens there.
    `push`: calls of one system that pushes.
    """

    visitor: Rate = Rate(30, 60)
    address: Rate = Rate(300, 60)
    code: Rate = Rate(60, 3600)
    api: Rate = Rate(120, 60)
    api_address: Rate = Rate(1200, 60)
    login: Rate = Rate(120, 60)
    push: Rate = Rate(300, 60)
