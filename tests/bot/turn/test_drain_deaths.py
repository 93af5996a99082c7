"""A drain that dies: what may have been sent is not sent again, what was not is."""

from __future__ import annotations

import os
import signal

import pytest

from models.notices import Notice
from tests.bot.turn.processes import forked
from tests.bot.turn.rig import Rig, account, said
from tests.bot.turn.test_late_replies import late_by_four

POINTS = (
    "before begin",
    "after begin",
    "before sql commit",
    "after sql commit",
    "before send",
    "after send",
    "before commit",
    "after commit",
)


def drain_and_die(rig: Rig, point: str, how: signal.Signals = signal.SIGKILL) -> None:
    def hook(reached: str) -> None:
        if reached == point:
            os.kill(os.getpid(), how)

    def work() -> str:
        rig.again(hook=hook).turns().drain(account(), "drain:1")
        return ""

    assert forked(work).answer() is None


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_any_point_no_letter_is_sent_twice(rig: Rig, point: str) -> None:
    late_by_four(rig, 2)
    rig.lease_ms = 150
    drain_and_die(rig, point)
    rig.turns().drain(account(), "drain:2")
    sent = rig.channels["wechat"].sent()
    in_doubt = [notice for notice in rig.rows(Notice) if notice.state == "unknown"]
    if point in ("after sql commit", "before send"):
        assert (sent, len(in_doubt)) == ([], 1)  # nobody can know: staff see it
    else:
        assert sent == ["<r1> <r2>"]
    assert rig.waiting() == (0, 0, 0)


def test_a_person_who_writes_ends_a_dead_drain(rig: Rig) -> None:
    late_by_four(rig, 2)
    rig.lease_ms = 150
    drain_and_die(rig, "after begin")
    reply = rig.turns().take(said(9))
    assert reply is not None and reply.text == "<r1> <r2> <r9>"
    assert rig.channels["wechat"].sent() == []
