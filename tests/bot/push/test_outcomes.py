"""What becomes of a delivery by how its call ended."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ports import SendReason
from bot.push.outcomes import (
    ATTEMPTS,
    Call,
    Held,
    ended,
    last_reason,
    left_roads,
    unbegun,
    with_left,
)
from bot.push.ports import Result
from tests.bot.turn.rig import NOON

HELD = Held(("wechat:wx1:user1", "S1"), NOON.date(), 5)
CALL = Call(
    campaign_id=1,
    recipient=7,
    road="wechat:template",
    rung="template",
    credential="wechat:wx1",
    outgoing=None,
    left="",
    attempts=1,
    called_at=NOON,
    lease_until=NOON + timedelta(seconds=15),
    held=HELD,
)
REASONS: tuple[str, ...] = (
    "", "window", "permanent", "account", "transient", "quota", "unknown", "bug",
)  # fmt: skip


def result(reason: str, **more: float) -> Result:
    return Result(cast(SendReason, reason), "1", wait=more.get("wait", 0.0))


@pytest.mark.parametrize(
    ("reason", "keyed", "state", "given_back"),
    [
        ("", True, "sent", False),
        ("window", True, "waiting", True),
        ("permanent", False, "waiting", True),
        ("account", True, "waiting", True),
        ("bug", True, "waiting", True),
        ("transient", True, "waiting", True),
        ("quota", True, "waiting", True),
        ("unknown", True, "waiting", False),
        ("unknown", False, "unknown", False),
    ],
)
def test_each_reason_has_its_end(reason: str, keyed: bool, state: str, given_back: bool) -> None:
    found = ended(CALL, result(reason), keyed, NOON, 0.5)
    assert (found.end.state, found.back) == (state, HELD if given_back else Held())
    assert found.end.lease_until == CALL.lease_until
    leaves = reason in ("window", "permanent", "account", "bug")
    assert bool(found.leaves) == leaves == bool(found.end.left)
    assert (found.end.called_at == NOON) == (reason == "unknown" and keyed)


@given(st.sampled_from(REASONS), st.booleans(), st.integers(1, ATTEMPTS + 1), st.floats(0, 1))
def test_what_may_have_been_carried_out_never_takes_another_road_nor_gives_anything_back(
    reason: str, keyed: bool, attempts: int, chance: float
) -> None:
    doubted = CALL._replace(doubted=True, attempts=attempts)
    found = ended(doubted, result(reason), keyed, NOON, chance)
    assert found.back == Held()
    assert not found.leaves
    assert found.end.state in ("sent", "unknown", "waiting")
    if found.end.state == "waiting":
        assert found.end.called_at == NOON  # still nobody knows
    else:
        assert (found.end.state == "sent") == (reason == "")


@given(st.integers(1, ATTEMPTS - 1), st.floats(0, 1), st.floats(0, 100))
def test_retries_wait_longer_each_time_and_not_all_at_once(
    attempts: int, chance: float, wait: float
) -> None:
    call = CALL._replace(attempts=attempts)
    found = ended(call, result("transient", wait=wait), True, NOON, chance)
    assert found.end.due_at is not None
    pause = (found.end.due_at - NOON).total_seconds()
    own = 2 ** (attempts - 1)
    assert pause >= wait - 0.001
    assert 0.5 * own - 0.001 <= pause <= max(1.5 * own, wait) + 0.001


def test_what_was_tried_often_enough_is_left() -> None:
    last = CALL._replace(attempts=ATTEMPTS)
    found = ended(last, result("transient"), True, NOON, 0.5)
    assert (found.end.state, found.end.left) == ("waiting", "wechat:template transient 1")
    assert (found.end.attempts, found.end.due_at) == (0, NOON)
    assert ended(last, result("unknown"), True, NOON, 0.5).end.state == "unknown"


def test_a_call_that_was_not_made_leaves_no_trace() -> None:
    found = unbegun(CALL, NOON)
    assert (found.end.state, found.end.attempts, found.back) == ("waiting", 0, HELD)
    assert found.end.called_at is None
    doubted = unbegun(CALL._replace(doubted=True), NOON)
    assert (doubted.end.called_at, doubted.back) == (NOON, Held())


def test_the_roads_that_were_left_are_read_back() -> None:
    left = with_left(with_left("", "wechat:chat", "window 45015"), "sms", "no_phone")
    assert left == "wechat:chat window 45015; sms no_phone"
    assert left_roads(left + ";wechat:mass month") == {"wechat:chat", "sms", "wechat:mass"}
    assert (last_reason(left), last_reason("wechat:chat window 45015")) == ("no_phone", "window")
    assert (last_reason(""), left_roads("")) == ("", frozenset())
