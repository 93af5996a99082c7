"""How cards are handed out, posted, switched on, reminded of and put away."""

from __future__ import annotations

from pydantic import ConfigDict
from pydantic.dataclasses import dataclass

from config.city_parts import Count, Hour

_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, config=_STRICT)
class Collection:
    """The city's rules of collection.

    `pass_minutes`: how long a 领卡码 holds; `agent_days`: how long one that another person was
    named for does, who has `agent_age` years at least; `at_counter_minutes`: how long a clerk may
    take from typing a code to handing the card over. `clerk_tries`, `branch_tries`: wrong codes
    within `tries_minutes` after which a clerk, or the whole branch, waits. `without_pass`: a clerk
    may hand over to who has no phone, by the original ID card and with a reason. `online`: the
    person may switch the social security side on in the chat. `remind_days`, `remind_months`:
    after the card is ready, each once; `seal_months`: when it is put away. `activation_days`:
    after the card was collected, one hint that it is not switched on yet. `card_years`: how long a
    card is good for after it was switched on, `expiry_months`: before that, each once; none: nobody
    is reminded. All of these go out from `from_hour` until `until_hour`. `until_closed`: a branch
    that closes is offered to its last day, and not only as long as a card that is ordered today
    comes before.
    """

    pass_minutes: Count = 15
    agent_days: Count = 7
    agent_age: Count = 18
    at_counter_minutes: Count = 20
    clerk_tries: Count = 8
    branch_tries: Count = 40
    tries_minutes: Count = 15
    without_pass: bool = True
    online: bool = True
    remind_days: tuple[Count, ...] = (15,)
    remind_months: tuple[Count, ...] = (3, 6, 11)
    seal_months: Count = 12
    activation_days: Count = 14
    card_years: Count = 10
    expiry_months: tuple[Count, ...] = (2,)
    from_hour: Hour = 9
    until_hour: Hour = 20
    until_closed: bool = False
