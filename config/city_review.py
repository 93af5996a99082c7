"""How the review of applications is organised: waiting times, shares and sizes, by city."""

from __future__ import annotations

from datetime import time
from typing import Annotated

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from config.city_parts import Count

Share = Annotated[float, Field(ge=0, le=1)]


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Review:
    """`undo_seconds`: a decision waits so long before anybody is told, and can be undone.

    A claim ends at `shift_ends`, but holds for `lease_minutes` at least. `reserved_days`: working
    days that a second round waits for who sent it back, before it is everybody's. `task_days`:
    working days for what comes back from the province, the bank or the factory, or is to be
    cancelled. `hold_days`: calendar days that something can be put aside at most. `batch`: how many
    are approved at one glance; `second_look`: the share of them that another person looks at.
    `pace_days`: working days over which the speed of a district's review is measured.
    """

    undo_seconds: Count = 60
    shift_ends: time = time(18)
    lease_minutes: Count = 60
    reserved_days: Count = 1
    task_days: Count = 2
    hold_days: Count = 30
    batch: Count = 10
    second_look: Share = 0.05
    pace_days: Count = 5
