"""A reply leaves by exactly one road: with the answer, or by mail when the request gave up."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable

import pytest

from bot.dialogue.messages import Outcome, Reply, Update
from bot.ports import SendError, SendReason, Turn
from models.notices import Notice
from tests.bot.turn.processes import deliver
from tests.bot.turn.rig import Rig, account, count, said


class Slow:
    """A handler that holds its turn until the test lets it go."""

    def __init__(self, rest: Callable[[Turn], Outcome] = count) -> None:
        self.entered, self.gate, self.rest = threading.Event(), threading.Event(), rest

    def __call__(self, turn: Turn) -> Outcome:
        self.entered.set()
        assert self.gate.wait(10)
        return self.rest(turn)


def begun(rig: Rig, slow: Slow, update: Update) -> tuple[threading.Thread, list[Reply | None]]:
    """A request that is at work now."""
    answers: list[Reply | None] = []
    turns = rig.turns(handle=slow)
    thread = threading.Thread(target=lambda: answers.append(turns.take(update)))
    thread.start()
    assert slow.entered.wait(5)
    return thread, answers


def test_a_duplicate_waits_and_gets_the_same_reply(rig: Rig) -> None:
    slow = Slow()
    thread, answers = begun(rig, slow, said(1))
    threading.Timer(0.1, slow.gate.set).start()
    assert rig.turns().take(said(1)) == Reply("<r1>")
    thread.join()
    assert answers == [Reply("<r1>")]


def test_who_gives_up_answers_success_and_asks_for_a_drain(rig: Rig) -> None:
    slow = Slow()
    thread, answers = begun(rig, slow, said(1))
    assert rig.turns(deadline_s=0.1).take(said(1)) is None
    assert rig.wakes == ["drain"]
    slow.gate.set()
    thread.join()
    assert answers == [None]  # the one who finished must not tell it a second time
    assert rig.mail() == ["<r1>"]


def test_the_next_reply_brings_the_mail_before_it(rig: Rig) -> None:
    slow = Slow()
    thread, _ = begun(rig, slow, said(1))
    rig.turns(deadline_s=0.05).take(said(1))
    slow.gate.set()
    thread.join()
    assert rig.turns().take(said(2)) == Reply("<r1> <r2>")
    assert rig.turns().take(said(2)) == Reply("<r1> <r2>")
    assert rig.mail() == []


def test_what_does_not_fit_into_a_reply_is_left_to_a_drain(rig: Rig) -> None:
    late_by_four(rig)
    assert rig.turns().take(said(9)) == Reply("<r1> <r2> <r3> <r9>")  # holds three
    assert rig.mail() == ["<r4>"]
    due = rig.drains.claim(1000)
    assert due is not None and due.account == account()


def test_a_drain_sends_the_mail_in_order_and_once(rig: Rig) -> None:
    late_by_four(rig)
    turns = rig.turns()
    assert turns.drain(account(), "drain:1").left == 1
    assert turns.drain(account(), "drain:1").left == 1  # the same attempt sends nothing again
    assert turns.drain(account(), "drain:2").left == 0
    assert rig.channels["wechat"].sent() == ["<r1> <r2> <r3>", "<r4>"]
    assert [notice.state for notice in rig.rows(Notice)] == ["sent", "sent"]


@pytest.mark.parametrize(
    ("reason", "code"), [("window", "45015"), ("account", "48001"), ("quota", "45009")]
)
def test_refused_mail_waits_for_the_next_visit(rig: Rig, reason: SendReason, code: str) -> None:
    """Where the account may send nothing (48001) too: nothing needs that right."""
    late_by_four(rig)
    rig.channels["wechat"].fault = SendError(reason, code)
    assert rig.turns().drain(account(), "drain:1").refused == reason
    assert len(rig.mail()) == 4
    assert rig.rows(Notice)[0].state == "refused"
    rig.channels["wechat"].fault = None
    assert rig.turns().take(said(9)) == Reply("<r1> <r2> <r3> <r9>")


def test_mail_of_which_nobody_knows_is_not_repeated(rig: Rig) -> None:
    late_by_four(rig)
    rig.channels["wechat"].fault = SendError("unknown")
    assert rig.turns().drain(account(), "drain:1").left == 1
    assert rig.rows(Notice)[0].state == "unknown"


def test_a_message_that_meets_a_drain_takes_the_mail_itself(rig: Rig) -> None:
    """The drain of a dead worker is at the head: the mail leaves with the reply, unpaid."""
    late_by_four(rig, 2)
    slow = Slow()
    thread, _ = begun(rig, slow, said(8))
    assert rig.turns(deadline_s=0.05).drain(account(), "drain:1").busy
    slow.gate.set()
    thread.join()
    assert rig.turns().take(said(9)) is not None
    assert rig.channels["wechat"].sent() == []
    assert rig.waiting() == (0, 0, 0)


def test_a_channel_without_passive_replies_is_late_from_the_start(rig: Rig) -> None:
    update = said(1, channel="alipay")
    assert rig.turns().take(update) is None
    assert rig.turns().take(update) is None
    assert rig.mail(channel="alipay") == ["<r1>"]
    assert "drain" in rig.wakes
    rig.turns().drain(account(channel="alipay"), "drain:1")
    assert rig.channels["alipay"].sent() == ["<r1>"]


def test_a_platform_in_a_hurry_is_answered_before_the_deadline(rig: Rig) -> None:
    slow = Slow()
    thread, _ = begun(rig, slow, said(1, channel="alipay"))
    began = time.monotonic()
    assert rig.turns(deadline_s=30).take(said(2, channel="alipay"), seconds=0.1) is None
    assert time.monotonic() - began < 15
    slow.gate.set()
    thread.join()
    rig.turns().drain(account(channel="alipay"), "drain:1")
    assert rig.mail(channel="alipay") + rig.channels["alipay"].sent() == ["<r1> <r2>"]


def test_a_duty_is_taken_or_waits_and_is_not_where_there_is_no_room(rig: Rig) -> None:
    rig.cap = 2
    rig.__post_init__()
    slow = Slow()
    thread, _ = begun(rig, slow, said(1))
    turns = rig.turns(deadline_s=0.01)
    assert turns.deliver(said(2)), "it waits for its turn"
    assert not turns.deliver(said(3))
    slow.gate.set()
    thread.join()
    assert rig.turns().deliver(said(3))
    assert rig.seen() == [1, 2, 3]


def test_only_half_of_the_threads_wait(rig: Rig) -> None:
    slow = Slow()
    thread, _ = begun(rig, slow, said(1))
    turns = rig.turns(threads=4, deadline_s=1.0)
    ends: list[float] = []

    def wait(number: int) -> None:
        began = time.monotonic()
        turns.take(said(number))
        ends.append(time.monotonic() - began)

    threads = [threading.Thread(target=wait, args=(number,)) for number in (2, 3, 4, 5)]
    for waiting in threads:
        waiting.start()
    for waiting in threads:
        waiting.join()
    slow.gate.set()
    thread.join()
    assert sorted(end > 0.9 for end in ends) == [False, False, True, True]


def test_beyond_the_cap_one_apology_an_hour(rig: Rig) -> None:
    rig.cap = 2
    rig.__post_init__()
    slow = Slow()
    thread, _ = begun(rig, slow, said(1))
    turns = rig.turns(deadline_s=0.01)
    assert turns.take(said(2)) is None
    assert turns.take(said(3)) == Reply("[zh_CN full_apology]")
    assert turns.take(said(4)) is None
    slow.gate.set()
    thread.join()
    rig.turns().take(said(5))
    assert rig.seen() == [1, 2, 5]  # 3 and 4 were refused: the only loss there is


def late_by_four(rig: Rig, letters: int = 4) -> None:
    """Put the replies 1 to 4 into the mailbox."""
    slow = Slow()
    thread, _ = begun(rig, slow, said(1))
    turns = rig.turns(deadline_s=0.01)
    for number in range(1, letters + 1):
        assert turns.take(said(number)) is None
    slow.gate.set()
    thread.join()
    turns = rig.turns()
    for number in range(1, letters + 1):
        assert turns.take(said(number)) is None
    assert rig.mail() == [f"<r{number}>" for number in range(1, letters + 1)]


@pytest.mark.parametrize("point", ["before give up", "after give up"])
def test_a_request_that_dies_giving_up_loses_no_reply(rig: Rig, point: str) -> None:
    slow = Slow()
    thread, answers = begun(rig, slow, said(1))
    rig.deadline_s = 0.05
    assert deliver(rig, said(1), point).answer() is None
    slow.gate.set()
    thread.join()
    rig.deadline_s = 3.5
    asked = rig.drains.claim(1)
    told = [answer.text for answer in answers if answer] + rig.mail()
    assert told == ["<r1>"]
    if rig.mail():
        assert asked is not None and asked.account == account()


@pytest.mark.parametrize("point", ["before give up", "after give up"])
@pytest.mark.parametrize("first", ["who gave up too", "who is at work"])
def test_a_request_frozen_giving_up_says_nothing_that_differs(
    rig: Rig, point: str, first: str
) -> None:
    """It wakes when all is over: the reply has left by one road, and every answer agrees."""
    slow = Slow()
    thread, answers = begun(rig, slow, said(1))
    rig.deadline_s = 0.05
    sleeper = deliver(rig, said(1), point, signal.SIGSTOP)
    assert sleeper.wait_until_frozen()
    if first == "who gave up too":
        assert rig.turns().take(said(1)) is None
    rig.deadline_s = 3.5
    slow.gate.set()
    thread.join()
    again = rig.turns().take(said(1))
    sleeper.wake()
    late = first == "who gave up too" or point == "after give up"
    assert sleeper.answer() == ("" if late else "<r1>")
    assert answers == [again] == [None if late else Reply("<r1>")]
    assert rig.mail() == (["<r1>"] if late else [])
    rig.turns().drain(account(), "drain:1")
    assert rig.channels["wechat"].sent() == (["<r1>"] if late else [])
    assert rig.turns().take(said(2)) == Reply("<r2>")
    assert rig.seen() == [1, 2]
