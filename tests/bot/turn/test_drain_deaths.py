"""A drain that dies or freezes: what may have been sent is not sent again, what was not is."""

from __future__ import annotations

import signal

import pytest

from bot.dialogue.messages import Reply
from models.notices import Notice
from tests.bot.turn.processes import Child, deliver, disaster, forked
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


# Whoever freezes inside its transaction holds locks: a test of its own.
QUICK_TO_PASS = [point for point in POINTS if point != "before sql commit"]


def drain(rig: Rig, point: str, how: signal.Signals) -> Child:
    """A drain in a process that sends itself `how` at `point`."""

    def work() -> str:
        rig.again(hook=disaster(point, how)).turns().drain(account(), "drain:1")
        return ""

    return forked(work)


def drain_and_die(rig: Rig, point: str) -> None:
    assert drain(rig, point, signal.SIGKILL).answer() is None


def frozen_drain(rig: Rig, point: str) -> Child:
    """A drain of two letters that froze at `point`; its lease ends in 150 ms."""
    late_by_four(rig, 2)
    rig.lease_ms = 150
    sleeper = drain(rig, point, signal.SIGSTOP)
    assert sleeper.wait_until_frozen()
    return sleeper


def woken(sleeper: Child) -> None:
    sleeper.wake()
    assert sleeper.answer() == ""


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


def test_mail_does_not_leave_with_the_reply_to_a_dead_request(rig: Rig) -> None:
    """Found by the soak: nobody may ever hear that reply, when the platform asks no more."""
    late_by_four(rig, 2)
    rig.lease_ms = 150
    assert deliver(rig, said(9), "after begin").answer() is None
    rig.turns().drain(account(), "drain:1")
    assert rig.channels["wechat"].sent() == ["<r1> <r2>"]
    assert rig.turns().take(said(9)) == Reply("<r9>")


@pytest.mark.parametrize("point", QUICK_TO_PASS)
def test_frozen_at_any_point_every_letter_is_sent_once(rig_on_both: Rig, point: str) -> None:
    """Another drain takes over; the sleeper wakes, and may still send what is its to send."""
    sleeper = frozen_drain(rig_on_both, point)
    assert not rig_on_both.turns().drain(account(), "drain:2").busy
    woken(sleeper)
    assert rig_on_both.channels["wechat"].sent() == ["<r1> <r2>"]
    assert rig_on_both.waiting() == (0, 0, 0)


@pytest.mark.parametrize("point", QUICK_TO_PASS)
def test_frozen_while_the_person_writes_every_letter_leaves_once(
    rig_on_both: Rig, point: str
) -> None:
    """By the drain that wakes or with the reply, never by both."""
    sleeper = frozen_drain(rig_on_both, point)
    reply = rig_on_both.turns().take(said(9))
    woken(sleeper)
    assert reply is not None
    told = [*rig_on_both.channels["wechat"].sent(), reply.text]
    assert sorted(" ".join(told).split()) == ["<r1>", "<r2>", "<r9>"]
    assert rig_on_both.turns().take(said(9)) == reply
    assert rig_on_both.waiting() == (0, 0, 0)


def test_a_drain_frozen_inside_its_transaction_sends_once(impatient: None, rig: Rig) -> None:
    """Its rival cannot know how it will end: it is busy, and comes again."""
    sleeper = frozen_drain(rig, "before sql commit")
    rig.deadline_s = 0.5
    assert rig.turns().drain(account(), "drain:2").busy
    woken(sleeper)
    rig.deadline_s = 3.5
    assert rig.turns().drain(account(), "drain:2").left == 0
    assert rig.channels["wechat"].sent() == ["<r1> <r2>"]
    assert rig.waiting() == (0, 0, 0)
