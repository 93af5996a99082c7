"""Lanes, the bell, the drain lane and the chores."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from bot.dialogue.messages import Reply
from bot.ports import SendError
from bot.work import Bell, Chore, standard_chores
from bot.work.bell import Listener
from bot.work.housekeeping import Housekeeping
from bot.work.lane import Lane, Work
from models.access_tokens import AccessToken, issue_token
from models.turns import TurnRow
from tests.bot.turn.rig import NOON, Rig, account, count_and_write, redis_client, said
from tests.bot.turn.test_late_replies import late_by_four
from tests.bot.work.desk_rig import worker
from tests.bot.work.test_jobs import running, wait_until


def test_a_lane_runs_what_is_claimed_until_there_is_no_more() -> None:
    left = list(range(10))
    done: list[int] = []

    def claim() -> Work | None:
        return partial(done.append, left.pop()) if left else None

    lane = Lane("toy", claim, threads=1, tick_seconds=60)
    lane.start()
    lane.ring()
    wait_until(lambda: len(done) == 10)
    lane.stop()


def test_a_backlog_spreads_over_the_lanes_threads() -> None:
    together = threading.Barrier(3, timeout=5)
    left = [1, 2, 3]

    def claim() -> Work | None:
        return together.wait if left and left.pop() else None

    lane = Lane("toy", claim, threads=3, tick_seconds=60)
    lane.start()
    lane.ring()
    wait_until(lambda: not left and together.n_waiting == 0)
    lane.stop()
    assert not together.broken


def test_work_that_raises_does_not_stop_its_lane() -> None:
    done: list[int] = []
    left = [2, 1, 0]

    def claim() -> Work | None:
        if not left:
            return None
        number = left.pop()
        return lambda: done.append(1 // number)

    lane = Lane("toy", claim, threads=1, tick_seconds=0.02)
    lane.start()
    wait_until(lambda: done == [1, 0])
    lane.stop()


def test_the_bell_is_heard_again_when_redis_came_back(rig: Rig) -> None:
    heard: list[str] = []
    listener = Listener(redis_client(rig.redis_url), heard.append)
    listener.start()
    assert listener.wait(2)
    for client in rig.client.client_list(_type="pubsub"):
        rig.client.client_kill_filter(_id=client["id"])

    def ring() -> bool:
        Bell(rig.client).ring("jobs")
        time.sleep(0.05)
        return bool(heard)

    wait_until(ring)
    listener.stop()
    assert set(heard) == {"jobs"}


def test_ringing_without_redis_is_no_fault(rig: Rig) -> None:
    Bell(redis_client(f"unix://{rig.folder}/no.sock")).ring("jobs")


def test_the_drain_lane_empties_the_mailbox_of_who_gave_up(rig: Rig) -> None:
    with running(worker(rig)):
        late_by_four(rig)
        wait_until(lambda: not rig.mail())
    assert " ".join(rig.channels["wechat"].sent()) == "<r1> <r2> <r3> <r4>"


def test_mail_that_the_platform_refuses_is_not_tried_again(rig: Rig) -> None:
    late_by_four(rig)
    rig.channels["wechat"].fault = SendError("window")
    worker(rig).settle()
    assert len(rig.mail()) == 4
    assert rig.drains.claim(1) is None


@pytest.mark.parametrize(("reason", "seconds"), [("transient", 60), ("quota", 3600)])
def test_mail_that_is_refused_for_now_is_tried_again_in_its_time(
    rig: Rig, reason: Any, seconds: int
) -> None:
    late_by_four(rig)
    rig.channels["wechat"].fault = SendError(reason)
    worker(rig).settle()
    (_, due) = rig.client.zrange("{shebaoka:drains}", 0, -1, withscores=True)[0]
    assert due / 1000 - time.time() == pytest.approx(seconds, abs=10)


def test_a_busy_persons_mailbox_is_tried_again_soon(rig: Rig) -> None:
    late_by_four(rig, 1)
    update = said(7)
    rig.sessions.begin(update, rig.sessions.sealed(update), "somebody", lease_ms=400)
    rig.deadline_s = 0.05
    with running(worker(rig, tick_seconds=0.05)):
        wait_until(lambda: rig.channels["wechat"].sent() != [])
    assert rig.waiting()[0] == 0


def test_each_chore_comes_at_its_time() -> None:
    now = [NOON]
    done: list[str] = []
    chores = [
        Chore("often", timedelta(minutes=1), lambda at: done.append("often")),
        Chore("seldom", timedelta(hours=1), lambda at: done.append("seldom")),
    ]
    keeping = Housekeeping(chores, lambda: now[0])
    for minutes in (0, 0.5, 1, 61):
        now[0] = NOON + timedelta(minutes=minutes)
        while work := keeping.claim():
            work()
    assert done == ["often", "seldom", "often", "often", "seldom"]


def test_a_chore_that_fails_leaves_the_others_to_be_done() -> None:
    done: list[str] = []
    chores = [
        Chore("broken", timedelta(minutes=1), lambda at: 1 // 0),
        Chore("whole", timedelta(minutes=1), lambda at: done.append("whole")),
    ]
    keeping = Housekeeping(chores, lambda: NOON)
    while work := keeping.claim():
        work()
    assert done == ["whole"]


def test_the_standard_chores_forget_old_results(rig_on_both: Rig) -> None:
    assert rig_on_both.turns(handle=count_and_write).take(said(1)) == Reply("<r1>")
    for chore in standard_chores(rig_on_both.database, rig_on_both.objects):
        chore.do(NOON + timedelta(days=6))
    assert len(rig_on_both.rows(TurnRow)) == 1
    for chore in standard_chores(rig_on_both.database, rig_on_both.objects):
        chore.do(NOON + timedelta(days=8))
    assert rig_on_both.rows(TurnRow) == []


def test_the_standard_chores_forget_tokens_that_are_over(rig_on_both: Rig) -> None:
    with rig_on_both.database.writing() as records:
        for days in (1, 3):
            life = timedelta(days=days)
            issue_token(records, account=str(account()), use="api", now=NOON, life=life)
    for chore in standard_chores(rig_on_both.database, rig_on_both.objects):
        chore.do(NOON + timedelta(days=2))
    (left,) = rig_on_both.rows(AccessToken)
    assert left.expires_at == NOON + timedelta(days=3)


def test_an_object_whose_row_is_still_to_come_is_kept_whatever_the_clock_says(rig: Rig) -> None:
    rig.objects.put("ab" * 16, b"its row is not committed yet")
    for chore in standard_chores(rig.database, rig.objects):
        chore.do(NOON + timedelta(days=9999))
    assert rig.objects.get("ab" * 16)


def test_a_stopped_worker_claims_nothing_more(rig: Rig) -> None:
    some = worker(rig)
    with running(some):
        pass
    rig.drains.ask(account())
    some.ring("drain")
    assert rig.drains.claim(1) is not None
