"""A call whose answer was lost, and what is made of a refusal after it."""

from __future__ import annotations

from collections import Counter

import pytest

from bot.push.ports import Result
from tests.bot.push.push_rig import (
    campaign,
    lane,
    people,
    push_rig,
    road,
    states,
    work,
    work_and_close,
)
from tests.bot.turn.rig import Rig
from tests.bot.work.desk_rig import at


@pytest.mark.parametrize("reason", ["permanent", "account", "window", "bug"])
def test_who_may_have_been_told_is_told_by_no_other_road(rig: Rig, reason: str) -> None:
    rig = push_rig(rig)
    answers = [Result("unknown", "timeout"), Result(reason, "43004")]  # type: ignore[arg-type]
    its = campaign(rig, people(rig, 1), first=0)
    sending = lane(rig, {"wechat": road(rig, answers={"template": answers})})
    work(sending)
    assert states(rig, its) == Counter({("waiting", "wechat:template"): 1})
    at(rig, 10)
    work_and_close(sending)
    assert states(rig, its) == Counter({("unknown", "wechat:template"): 1})
