"""What a city sets for the JSON API that its mini programs call."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

_STRICT = ConfigDict(extra="forbid")

Positive = Annotated[int, Field(gt=0)]


@dataclass(frozen=True, config=_STRICT)
class Api:
    """`token_days`: how long a login holds. `platform_phone`: what a phone number is worth that the
    platform gives for a visitor: "typed", as if they had typed it, so that a code is sent to it; or
    "proof", as if the code had come back, for front ends that use the platform's component which
    checks the number anew (WeChat: 手机号实时验证组件; its quick one may give a number that has
    changed hands). `most_credits`: of how many allowed messages of one template a front end may
    tell; the platform alone knows the true number."""

    token_days: Positive = 30
    platform_phone: Literal["typed", "proof"] = "typed"
    most_credits: Positive = 20
