"""What a city sets for pushes: who approves, how fast, how often, and when they stop."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from config.city_parts import Count

_STRICT = ConfigDict(extra="forbid")
Share = Annotated[float, Field(gt=0, le=1)]


@dataclass(frozen=True, config=_STRICT)
class Push:
    """A campaign for fewer than `alone_below` people needs no second person. `first_share` of its
    people, at least `first_least`, are told first. Nobody gets more than `per_day` on a day.

    It pauses by itself when more than `failed_share` of its calls failed, once `failed_least` have
    ended, or when more than `left_share` of those it reached said no to further ones. It uses
    `bulk_share` of an account's pace, a worker without Redis `safe_per_second`. `sms_fen` is what
    an SMS costs. Answers are understood for `answer_days`, and their
    words kept for `words_days`. A person gets `mass_a_month` 群发
    at most. Source: developers.weixin.qq.com, 群发接口.
    """

    alone_below: Count = 50
    first_share: Share = 0.01
    first_least: Count = 50
    per_day: Count = 2
    failed_share: Share = 0.05
    failed_least: Count = 100
    left_share: Share = 0.02
    bulk_share: Annotated[float, Field(gt=0, lt=1)] = 0.9
    safe_per_second: Count = 2
    sms_fen: Annotated[int, Field(ge=0)] = 5
    answer_days: Count = 7
    words_days: Count = 90
    mass_a_month: Count = 4

    def first_of(self, total: int) -> int:
        """How many of so many people are told before somebody looks; 0 where that is everybody."""
        first = max(self.first_least, round(total * self.first_share))
        return first if first < total else 0
