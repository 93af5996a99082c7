"""A worker dies or freezes while it sends: everybody is reached or accounted for, nobody twice."""

from __future__ import annotations

import signal
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.push.lane import PushLane
from models.people import Account
from models.push.counts import FINAL
from tests.bot.push.push_rig import (
    APPROVED,
    book_of,
    campaign,
    changed,
    counters,
    deliveries,
    lane,
    people,
    push_rig,
    road,
    stage,
    states,
    work_and_close,
)
from tests.bot.turn.processes import Child, disaster, forked
from tests.bot.turn.rig import NOON, Rig
from tests.bot.work.desk_rig import at

N = 24
POINTS = ["push taken", "push call", "push answered", "push recorded"]


@pytest.fixture
def rig(rig_on_both: Rig) -> Rig:
    return push_rig(rig_on_both, changed(APPROVED, first_share=1.0))


def working(rig: Rig, point: str, nth: int, how: signal.Signals = signal.SIGKILL) -> Child:
    """A worker in a process of its own, disaster striking when `point` comes for the nth time."""

    def work() -> str:
        own = push_rig(rig.again(), rig.city)
        ahead = rig.folder / "ahead"  # it hears of the time that passed while it was frozen
        object.__setattr__(own.sources, "clock", lambda: NOON + _told(ahead))
        work_and_close(lane(own, in_flight=10, hook=disaster(point, how, nth)))
        return "awake"

    return forked(work)


def _told(ahead: Path) -> timedelta:
    return timedelta(seconds=float(ahead.read_text()) if ahead.exists() else 0)


def others_go_on(rig: Rig, seconds: float = 60) -> PushLane:
    (rig.folder / "ahead").write_text(str(seconds))
    at(rig, seconds)
    other = lane(rig)
    work_and_close(other)
    return other


def calling(rig: Rig, its: int) -> int:
    return sum(row.state == "calling" for row in deliveries(rig, its).values())


def all_accounted_for(rig: Rig, its: int) -> None:
    told = Counter(row.state for row in deliveries(rig, its).values())
    assert sum(told[state] for state in FINAL) == N
    assert stage(rig, its) == "done"
    counted: Counter[str] = Counter()
    for (what, _, _), n in counters(rig, its).items():
        counted[what] += n
    assert {state: counted[state] for state in FINAL} == {state: told[state] for state in FINAL}


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("point", POINTS)
def test_what_the_receiver_knows_by_its_key_is_called_again(rig: Rig, point: str, nth: int) -> None:
    its = campaign(rig, people(rig, N))
    assert working(rig, point, nth).answer() is None
    others_go_on(rig)
    assert states(rig, its) == Counter({("sent", "wechat:template"): N})
    assert set(book_of(rig).calls()) == {f"p{its}-{who}" for who in range(1, N + 1)}
    all_accounted_for(rig, its)


@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("point", POINTS)
def test_what_the_receiver_does_not_know_is_called_at_most_once(
    rig: Rig, point: str, nth: int
) -> None:
    its = campaign(rig, people(rig, N, inbound=NOON))
    assert working(rig, point, nth).answer() is None
    in_flight = calling(rig, its)
    others_go_on(rig)
    told = states(rig, its)
    assert told["unknown", "wechat:chat"] == in_flight <= 10
    assert told["sent", "wechat:chat"] == N - in_flight
    assert max(book_of(rig).calls().values()) == 1
    all_accounted_for(rig, its)


def test_a_template_message_is_known_by_its_key_for_ten_minutes(rig: Rig) -> None:
    its = campaign(rig, people(rig, N))
    assert working(rig, "push taken", 1).answer() is None
    in_flight = calling(rig, its)
    others_go_on(rig, seconds=601)
    assert states(rig, its)["unknown", "wechat:template"] == in_flight > 0
    all_accounted_for(rig, its)


@pytest.mark.parametrize("inbound", [None, NOON])
def test_who_freezes_and_wakes_calls_nobody_again_and_counts_nothing_twice(
    rig: Rig, inbound: datetime | None
) -> None:
    its = campaign(rig, people(rig, N, inbound=inbound))
    sleeper = working(rig, "push taken", 2, signal.SIGSTOP)
    assert sleeper.wait_until_frozen()
    others_go_on(rig)
    before = book_of(rig).calls()
    sleeper.wake()
    assert sleeper.answer() == "awake"
    others_go_on(rig, 120)
    begun = book_of(rig).calls() - before
    assert sum(begun.values()) <= 1, (
        "none but the one call that it may have frozen in the middle of"
    )
    assert inbound is None or max(book_of(rig).calls().values()) == 1
    all_accounted_for(rig, its)


@pytest.mark.parametrize("nth", [1, 2])
def test_who_dies_while_a_visit_is_marked_leaves_it_to_the_next(rig: Rig, nth: int) -> None:
    its = campaign(rig, people(rig, N, channel="web"))
    assert working(rig, "push visits marked", nth).answer() is None
    others_go_on(rig)
    assert states(rig, its) == Counter({("visit", "visit"): N})
    marked = [key for key in rig.client.keys("*web:wx1:*") if rig.client.hexists(key, "parked")]
    assert len(marked) == N
    all_accounted_for(rig, its)


def test_a_message_that_was_allowed_stays_used_where_nobody_knows(rig: Rig) -> None:
    rig = push_rig(rig, changed(APPROVED, first_share=1.0))
    its = campaign(rig, people(rig, N, subscription_credits={"S1": 1}))
    rig.channels["wechat"].rungs = ("subscription",)

    def work() -> str:
        own = push_rig(rig.again(), rig.city)
        own.channels["wechat"].rungs = ("subscription",)
        work_and_close(lane(own, hook=disaster("push call", signal.SIGKILL, 2)))
        return "awake"

    assert forked(work).answer() is None
    others_go_on(rig)
    left = Counter(row.subscription_credits["S1"] for row in rig.rows(Account))
    assert left == Counter({0: N})
    all_accounted_for(rig, its)


def test_two_workers_at_once_tell_nobody_twice(rig: Rig) -> None:
    its = campaign(rig, people(rig, N, inbound=NOON))

    def work() -> str:
        own = push_rig(rig.again(), rig.city)
        work_and_close(lane(own, {"wechat": road(own, seconds=0.01)}, in_flight=4))
        return "done"

    both = [forked(work) for _ in range(2)]
    assert [child.answer() for child in both] == ["done", "done"]
    others_go_on(rig, 0)
    assert states(rig, its) == Counter({("sent", "wechat:chat"): N})
    assert book_of(rig).calls() == Counter({f"p{its}-{who}": 1 for who in range(1, N + 1)})
    all_accounted_for(rig, its)
