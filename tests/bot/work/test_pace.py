"""An account sends no faster than it may, over all its workers together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.rate import LATE, MOST, Rate, key_of, spacing
from bot.work.notices import Notices
from bot.work.pace import MOST_SECONDS, Pace
from models.ladders import add_notice
from models.notices import Notice
from tests.bot.test_rate import most_in_a_second
from tests.bot.turn.rig import KEYS, NOON, Rig, account
from tests.bot.work.desk_rig import SmsDesk, tools


def paced(rig: Rig, per_second: float, sleep: Callable[[float], None] = time.sleep) -> Pace:
    """A pace whose accounts have been quiet for a while."""
    for channel in ("wechat", "wechat_mini", "alipay"):
        rig.client.set(key_of(f"{channel}:wx1"), "1")
    return Pace(Rate(rig.client, 2), lambda _: per_second, sleep)


def test_no_second_holds_more_sends_than_it_may_whoever_sends(rig: Rig) -> None:
    per_second, moments, lock = 40, [], threading.Lock()
    pace = paced(rig, per_second)

    def work() -> None:
        mine = Pace(Rate(rig.client, 2), lambda _: per_second)
        for _ in range(15):
            assert mine.wait(account()) == 0
            assert mine.keep(account()) == 0
            with lock:
                moments.append(time.monotonic())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert pace.wait(account()) == 0
    assert len(moments) == 60
    assert most_in_a_second(moments) <= per_second


def test_accounts_do_not_wait_for_each_other(rig: Rig) -> None:
    slept: list[float] = []
    pace = paced(rig, 1, slept.append)
    for channel in ("wechat", "wechat_mini", "alipay"):
        assert pace.wait(account(channel=channel)) == 0
    assert sum(slept) < 0.01


def test_a_platform_may_have_a_pace_of_its_own(rig: Rig) -> None:
    slept: list[float] = []
    paced(rig, 1)
    pace = Pace(
        Rate(rig.client, 2), {"wechat:wx1": 0.0, "alipay:wx1": 4.0}.__getitem__, slept.append
    )
    for _ in range(3):
        assert pace.wait(account(channel="wechat")) == 0
    assert slept == []
    for _ in range(3):
        assert pace.wait(account(channel="alipay")) == 0
    assert 0.1 < max(slept) <= 2 * spacing(4) / 1e6


def test_one_person_and_another_share_their_accounts_pace(rig: Rig) -> None:
    slept: list[float] = []
    pace = paced(rig, 2, slept.append)
    pace.wait(account("alice"))
    pace.wait(account("bob"))
    assert slept[-1] == pytest.approx(spacing(2) / 1e6, abs=0.2)


def test_who_finds_too_many_before_it_comes_again_later(rig: Rig) -> None:
    slept: list[float] = []
    pace = paced(rig, 5, slept.append)
    answers = [pace.wait(account()) for _ in range(15)]
    assert answers[:5] == [0.0] * 5
    assert answers[-1] > MOST
    assert max(slept) <= MOST_SECONDS


def test_who_was_held_up_between_its_place_and_its_call_takes_another(rig: Rig) -> None:
    slept: list[float] = []
    now = [time.monotonic()]
    paced(rig, 5)
    pace = Pace(Rate(rig.client, 2), lambda _: 5, slept.append, lambda: now[0])
    assert pace.wait(account()) == 0
    assert pace.keep(account()) == 0
    before = len(slept)
    now[0] = time.monotonic() + 2 * LATE
    assert pace.keep(account()) == 0
    assert len(slept) == before + 1
    assert slept[-1] > 0


def test_the_first_after_a_loss_of_redis_waits_until_all_before_are_over(rig: Rig) -> None:
    slept: list[float] = []
    pace = paced(rig, 20, slept.append)
    rig.client.flushall()
    assert pace.wait(account()) > 0
    assert slept, "it slept and asked again before it gave up"


def test_nobody_waits_for_a_pace_that_is_not_set(rig: Rig) -> None:
    def sleep(_: float) -> None:
        raise AssertionError

    pace = Pace(Rate(rig.client, 2), lambda _: 0, sleep)
    assert [pace.wait(account()) + pace.keep(account()) for _ in range(3)] == [0.0] * 3


def test_the_lane_keeps_to_the_pace_and_puts_off_what_is_too_many(rig: Rig) -> None:
    slept: list[float] = []
    slow = replace(tools(rig, SmsDesk(rig.folder / "sms.log")), pace=paced(rig, 1, slept.append))
    with rig.database.writing() as records:
        for number in range(8):
            add_notice(
                records,
                KEYS,
                account=str(account(f"person{number}")),
                name="activated",
                params={"number": "YZ2611230731"},
                locale="zh_CN",
                now=NOON,
                notice_id=f"{number:032}",
            )
    lane = Notices(slow, "worker", lambda point: None)
    while work := lane.claim():
        work()
    waiting = [notice for notice in rig.rows(Notice) if notice.state == "queued"]
    assert len(waiting) >= 3
    assert len(rig.channels["wechat"].sent()) == 8 - len(waiting)
    assert {(notice.reason, notice.attempts) for notice in waiting} == {("pace", 0)}
    assert all(notice.due_at > NOON for notice in waiting)
