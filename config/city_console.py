"""What a city sets for signing in to the console: time-outs, locks, passwords.

Source of what must be there at all: GB/T 22239-2019, level 3 (identity, sessions, failures).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from config.city_parts import Count

_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, config=_STRICT)
class StaffAccess:
    """`idle_minutes` without a request end a session, `shift_hours` end it in any case.

    After `tries` failures of one login, or `address_tries` from one address, one waits
    `wait_seconds`, twice as long after each further one, up to `longest_wait_minutes`; a day
    without a failure forgets them. A password has `password_length` characters at least, of
    `password_kinds` of the four kinds, and holds `password_days` (0: for good); one that was drawn
    for somebody `first_password_days`.
    """

    idle_minutes: Count = 20
    shift_hours: Annotated[int, Field(gt=0, le=24)] = 10
    tries: Count = 5
    address_tries: Count = 40
    wait_seconds: Count = 60
    longest_wait_minutes: Count = 60
    password_length: Annotated[int, Field(ge=8, le=64)] = 12
    password_kinds: Annotated[int, Field(ge=1, le=4)] = 3
    password_days: Annotated[int, Field(ge=0)] = 180
    first_password_days: Count = 7
