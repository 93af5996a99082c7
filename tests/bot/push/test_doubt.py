"""A call whose answer was lost, and what is made of a refusal after it."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.push.lane import PushLane
from bot.push.ports import Result
from models.people import Account
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
from tests.bot.turn.rig import NOON, Rig
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


def test_a_lost_call_is_made_again_to_the_only_account_there_is(rig: Rig) -> None:
    its, sending = lost(rig, people(rig, 1, bound_at=NOON))
    work_and_close(sending)
    assert states(rig, its) == Counter({("sent", "wechat:template"): 1})


def test_of_two_accounts_nobody_calls_the_other_under_the_same_key(rig: Rig) -> None:
    people(rig, 1, start=2, recipient=1)
    its, sending = lost(rig, people(rig, 1))
    with rig.database.writing() as records:
        second = update(Account).where(Account.user == "user2")
        records.execute(second.values(last_inbound_at=NOON + timedelta(seconds=5)))
    work_and_close(sending)
    assert states(rig, its) == Counter({("unknown", "wechat:template"): 1})


def test_an_account_that_came_after_the_call_is_not_called_under_its_key(rig: Rig) -> None:
    its, sending = lost(rig, people(rig, 1))
    with rig.database.writing() as records:
        records.execute(update(Account).values(recipient=7))
    people(rig, 1, start=2, recipient=1, bound_at=NOON + timedelta(seconds=5))
    work_and_close(sending)
    assert states(rig, its) == Counter({("unknown", "wechat:template"): 1})


def lost(rig: Rig, recipients: list[int]) -> tuple[int, PushLane]:
    """A campaign whose only call had no answer, and the lane ten seconds later: a call that it
    makes now is taken."""
    rig = push_rig(rig)
    answers = [Result("unknown", "timeout"), Result()]
    its = campaign(rig, recipients, first=0)
    sending = lane(rig, {"wechat": road(rig, answers={"template": answers})})
    work(sending)
    assert states(rig, its) == Counter({("waiting", "wechat:template"): 1})
    at(rig, 10)
    return its, sending
