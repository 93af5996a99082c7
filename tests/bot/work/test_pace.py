"""An account sends no faster than it may, over all its workers together."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisAway

from bot.work.notices import Notices
from bot.work.pace import MOST_SECONDS, Pace
from models.ladders import add_notice
from models.notices import Notice
from tests.bot.turn.rig import KEYS, NOON, Rig, account
from tests.bot.work.desk_rig import SmsDesk, tools


def test_no_second_holds_more_sends_than_it_may_whoever_sends(rig: Rig) -> None:
    per_second, moments, lock = 40, [], threading.Lock()

    def work() -> None:
        pace = Pace(rig.client, per_second)
        for _ in range(15):
            assert pace.wait(account()) == 0
            with lock:
                moments.append(time.monotonic())

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    moments.sort()
    assert len(moments) == 60
    # A thread may wake late, so that two sends fall closer together than their places.
    assert moments[-1] - moments[0] >= 59 / per_second - 0.05


def test_accounts_do_not_wait_for_each_other(rig: Rig) -> None:
    slept: list[float] = []
    pace = Pace(rig.client, 1, slept.append)
    for channel in ("wechat", "wechat_mini", "alipay"):
        assert pace.wait(account(channel=channel)) == 0
    assert slept == []


def test_a_platform_may_have_a_pace_of_its_own(rig: Rig) -> None:
    slept: list[float] = []
    pace = Pace(rig.client, 0, slept.append, of={"alipay": 4})
    for _ in range(3):
        assert pace.wait(account(channel="wechat")) == 0
    assert slept == []
    for _ in range(3):
        assert pace.wait(account(channel="alipay")) == 0
    assert [round(each * 4) for each in slept] == [1, 2]


def test_one_person_and_another_share_their_accounts_pace(rig: Rig) -> None:
    slept: list[float] = []
    pace = Pace(rig.client, 1, slept.append)
    pace.wait(account("alice"))
    pace.wait(account("bob"))
    assert slept == [pytest.approx(1.0, abs=0.2)]


def test_who_finds_too_many_before_it_comes_again_later(rig: Rig) -> None:
    slept: list[float] = []
    pace = Pace(rig.client, 1, slept.append)
    answers = [pace.wait(account()) for _ in range(8)]
    assert answers[:6] == [0.0] * 6
    assert all(seconds > MOST_SECONDS for seconds in answers[6:])
    assert max(slept) <= MOST_SECONDS


def test_nobody_waits_for_a_pace_that_is_not_set_or_a_redis_that_is_away(rig: Rig) -> None:
    class Away:
        def register_script(self, script: str) -> Any:
            def call(**_: object) -> object:
                raise RedisAway

            return call

    def sleep(_: float) -> None:
        raise AssertionError

    for pace in (Pace(rig.client, 0, sleep), Pace(Away(), 1, sleep)):
        assert [pace.wait(account()) for _ in range(3)] == [0.0] * 3


def test_the_lane_keeps_to_the_pace_and_puts_off_what_is_too_many(rig: Rig) -> None:
    slept: list[float] = []
    paced = replace(
        tools(rig, SmsDesk(rig.folder / "sms.log")), pace=Pace(rig.client, 1, slept.append)
    )
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
    lane = Notices(paced, "worker", lambda point: None)
    while work := lane.claim():
        work()
    waiting = [notice for notice in rig.rows(Notice) if notice.state == "queued"]
    assert len(rig.channels["wechat"].sent()) == 6
    assert [(notice.reason, notice.attempts) for notice in waiting] == [("pace", 0)] * 2
    assert all(notice.due_at > NOON for notice in waiting)
