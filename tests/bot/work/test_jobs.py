"""Jobs run at least once, and their results reach the conversation exactly once."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.dialogue.messages import Media, Reply, Update
from bot.ports import Desk, JobSpec, OfficeError, SendError
from bot.work import Worker
from bot.work.worker import THREADS
from models.jobs import Job, add_job
from tests.bot.turn.processes import deliver, disaster, forked
from tests.bot.turn.rig import KEYS, NOON, Rig, account, said
from tests.bot.work.desk_rig import bell, work_and_tell, worker

POINTS = ("job claimed", "job ran", "job told")


def echo(desk: Desk) -> dict[str, object]:
    return {"said": f"did {desk.payload['said']}"}


def kill_ourselves(desk: Desk) -> dict[str, object]:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


@contextmanager
def running(*workers: Worker) -> Iterator[None]:
    for each in workers:
        each.start()
    try:
        yield
    finally:
        for each in workers:
            each.stop()


def ask(rig: Rig, number: int = 1, **options: object) -> Reply | None:
    """Take a message whose reply is a job's, and wait for it, however busy the machine is."""
    rig.wakes.clear()
    options = {"deadline_s": 20.0, **options}
    return rig.turns(handle=work_and_tell, wake=bell(rig), **options).take(said(number))


def test_a_jobs_result_answers_the_message_that_asked(rig_on_both: Rig) -> None:
    with running(worker(rig_on_both, [JobSpec("toy", echo)])):
        assert ask(rig_on_both) == Reply("<did 1>")
    assert [job.state for job in rig_on_both.rows(Job)] == ["done"]


def test_a_job_starts_within_fifty_milliseconds_of_its_wake(rig: Rig) -> None:
    """So do a quarter of twenty on the busiest machine; of looks once a second one would."""
    began: list[float] = []

    def note(desk: Desk) -> dict[str, object]:
        began.append(time.monotonic())
        return echo(desk)

    waits = []
    with running(worker(rig, [JobSpec("toy", note)])):
        ring = bell(rig)
        for number in range(20):
            asked: list[float] = []

            def wake(lane: str, asked: list[float] = asked) -> None:
                asked.append(time.monotonic())
                ring(lane)

            assert rig.turns(handle=work_and_tell, wake=wake).take(said(number)) is not None
            waits.append(began[-1] - asked[0])
    assert sorted(waits)[4] < 0.05


def test_a_lost_wake_costs_a_second_at_most(rig: Rig) -> None:
    with running(worker(rig, [JobSpec("toy", echo)])):
        turns = rig.turns(handle=work_and_tell, wake=lambda lane: None)
        assert turns.take(said(1)) == Reply("<did 1>")


def test_an_office_that_is_away_is_asked_again(rig: Rig) -> None:
    times = []

    def refuse_once(desk: Desk) -> dict[str, object]:
        times.append(1)
        if len(times) == 1:
            raise OfficeError("identity", "http_500", retry=True)
        return echo(desk)

    ticking(rig)
    with running(worker(rig, [JobSpec("toy", refuse_once)], tick_seconds=0.05)):
        assert ask(rig) == Reply("<did 1>")
    assert len(times) == 2


@pytest.mark.parametrize("retry", [True, False])
def test_an_office_that_stays_away_ends_in_a_plain_error(rig: Rig, retry: bool) -> None:
    def refuse(desk: Desk) -> dict[str, object]:
        raise OfficeError("identity", "http_500", retry=retry)

    ticking(rig)
    with running(worker(rig, [JobSpec("toy", refuse, attempts=2)], tick_seconds=0.05)):
        assert ask(rig) == Reply("<unavailable>")
    assert [(job.state, job.attempts) for job in rig.rows(Job)] == [("failed", 2 if retry else 1)]


def test_a_job_that_raises_ends_in_a_plain_error(rig: Rig) -> None:
    def broken(desk: Desk) -> dict[str, object]:
        raise ZeroDivisionError

    with running(worker(rig, [JobSpec("toy", broken, attempts=1)])):
        assert ask(rig) == Reply("<unavailable>")


def test_a_job_nobody_knows_does_not_leave_the_person_waiting(rig: Rig) -> None:
    with running(worker(rig, [])):
        assert ask(rig) == Reply("<unavailable>")


def test_a_job_may_report_before_it_is_done(rig: Rig) -> None:
    def report_first(desk: Desk) -> dict[str, object]:
        desk.report({"said": "half", "more": True})
        return {"said": "whole"}

    with running(worker(rig, [JobSpec("toy", report_first)])):
        assert ask(rig) == Reply("<whole>")
    results = rig.session()["notes"]["results"]
    assert [result["said"] for result in results] == ["half", "whole"]


def test_a_job_fetches_photos_through_the_persons_channel(rig: Rig) -> None:
    def fetch(desk: Desk) -> dict[str, object]:
        return {"said": desk.fetch_photo(Media("m1")).jpeg.decode()}

    with running(worker(rig, [JobSpec("toy", fetch)])):
        assert ask(rig) == Reply("<safe bytes of m1>")


@pytest.mark.parametrize("stuck", ["waiting", "computing"])
def test_jobs_of_one_sort_do_not_keep_those_of_the_other_waiting(rig: Rig, stuck: str) -> None:
    """More of them than a lane has threads."""
    held, began = threading.Event(), threading.Semaphore(0)

    def hold(desk: Desk) -> dict[str, object]:
        began.release()
        held.wait(30)
        return {}

    heavy = stuck == "computing"
    lane = "heavy jobs" if heavy else "jobs"
    specs = [JobSpec("stuck", hold, heavy=heavy), JobSpec("toy", echo, heavy=not heavy)]
    with rig.database.writing() as records:
        for number in range(THREADS[lane] + 1):
            add_job(
                records, KEYS, name="stuck", account=str(account(f"holder{number}")), payload={},
                answers="", now=NOON, job_id=f"{number:032x}",
            )  # fmt: skip
    with running(worker(rig, specs)):
        try:
            for _ in range(THREADS[lane]):
                assert began.acquire(timeout=20)
            assert ask(rig) == Reply("<did 1>")
        finally:
            held.set()


def test_a_job_longer_than_its_lease_is_not_run_twice(rig: Rig) -> None:
    runs = []
    ticking(rig)

    def slow(desk: Desk) -> dict[str, object]:
        runs.append(1)
        time.sleep(1.8)
        return echo(desk)

    two = [
        worker(rig, [JobSpec("toy", slow)], lease_seconds=0.9, tick_seconds=0.05) for _ in range(2)
    ]
    with running(*two):
        assert ask(rig) == Reply("<did 1>")
    assert runs == [1]


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_at_any_point_leaves_its_job_to_another(rig: Rig, point: str) -> None:
    ticking(rig)
    first = threading.Thread(target=lambda: answers.append(ask(rig)))
    answers: list[Reply | None] = []

    def die(reached: str) -> None:
        if reached == point and there_is_a_job(rig):
            os.kill(os.getpid(), signal.SIGKILL)

    def work() -> str:
        mine = rig.again()
        ticking(mine)
        doomed = worker(
            mine, [JobSpec("toy", echo)], hook=die, lease_seconds=0.5, tick_seconds=0.05
        )
        doomed.start()
        time.sleep(20)
        return "alive"

    child = forked(work)
    first.start()
    assert child.answer() is None
    with running(worker(rig, [JobSpec("toy", echo)], lease_seconds=0.5, tick_seconds=0.05)):
        first.join()
        wait_until(lambda: [job.state for job in rig.rows(Job)] == ["done"])
    assert answers == [Reply("<did 1>")]
    assert rig.session()["notes"]["results"] == [{"said": "did 1"}]
    assert rig.mail() == []


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_frozen_at_any_point_tells_nothing_that_differs(
    rig_on_both: Rig, point: str
) -> None:
    """Another worker runs its job meanwhile; what the sleeper came to is not taken any more."""
    rig = rig_on_both
    rig.handle, rig.deadline_s = work_and_tell, 20.0
    asker = deliver(rig, said(1))
    wait_until(lambda: bool(rig.rows(Job)))

    def work() -> str:
        freeze = disaster(point, signal.SIGSTOP)
        worker(rig.again(), [JobSpec("toy", told_by("the sleeper"))], hook=freeze).settle()
        return "awake"

    sleeper = forked(work)
    assert sleeper.wait_until_frozen()
    object.__setattr__(rig.sources, "clock", lambda: NOON + timedelta(minutes=1))
    worker(rig, [JobSpec("toy", told_by("another"))]).settle()
    sleeper.wake()
    assert sleeper.answer() == "awake"
    first = "the sleeper" if point == "job told" else "another"
    assert asker.answer() == f"<{first}>"
    assert rig.turns().take(said(1)) == Reply(f"<{first}>")
    assert rig.session()["notes"]["results"] == [{"said": first}]
    assert [job.state for job in rig.rows(Job)] == ["done"]
    assert rig.mail() == []


def told_by(who: str) -> Callable[[Desk], dict[str, object]]:
    """A job whose result tells which worker ran it."""
    return lambda desk: {"said": who}


def test_a_job_that_kills_its_workers_ends_in_a_plain_error(rig: Rig, tmp_path: Path) -> None:
    ticking(rig)

    def work() -> str:
        mine = rig.again()
        ticking(mine)
        deadly = JobSpec("toy", kill_ourselves, attempts=2)
        worker(mine, [deadly], lease_seconds=0.2, tick_seconds=0.05).start()
        time.sleep(20)
        return "alive"

    rig.turns(handle=work_and_tell, deadline_s=0.1).take(said(1))
    for _ in range(2):
        assert forked(work).answer() is None
    with running(worker(rig, [JobSpec("toy", echo, attempts=2)], tick_seconds=0.05)):
        wait_until(lambda: bool(rig.channels["wechat"].sent()))
    assert rig.channels["wechat"].sent() == ["<unavailable>"]


def ticking(rig: Rig) -> None:
    """Let the rig's clock run: retries and leases need one that does."""
    start = time.monotonic()

    def clock() -> object:
        return NOON + timedelta(seconds=time.monotonic() - start)

    object.__setattr__(rig.sources, "clock", clock)


def there_is_a_job(rig: Rig) -> bool:
    return bool(rig.again().rows(Job))


def wait_until(true: object) -> None:
    deadline = time.monotonic() + 30
    while not true():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(("reason", "attempts"), [("transient", 2), ("permanent", 1)])
def test_a_photo_the_platform_does_not_give_is_an_office_that_is_away(
    rig: Rig, reason: str, attempts: int
) -> None:
    def fetch(desk: Desk) -> dict[str, object]:
        return {"said": desk.fetch_photo(Media("m1")).width}

    ticking(rig)
    rig.channels["wechat"].fault = SendError(reason)  # type: ignore[arg-type]
    with running(worker(rig, [JobSpec("toy", fetch, attempts=2)], tick_seconds=0.05)):
        assert ask(rig) == Reply("<unavailable>")
    assert rig.rows(Job)[0].attempts == attempts


def test_a_result_waits_for_redis_to_come_back(rig: Rig) -> None:
    """The job is not run a second time: what it came to is held."""
    runs, faults = [], [1, 2]

    def note(desk: Desk) -> dict[str, object]:
        runs.append(1)
        return echo(desk)

    turns = rig.turns(handle=work_and_tell)
    told = turns.deliver

    def deliver(update: Update) -> bool:
        return told(update) if not faults or not faults.pop() else False

    turns.deliver = deliver  # type: ignore[method-assign]
    with running(worker(rig, [JobSpec("toy", note)], turns=turns)):
        assert ask(rig) == Reply("<did 1>")
    assert runs == [1] and not faults


def test_a_desk_has_what_a_job_needs(rig: Rig) -> None:
    def look(desk: Desk) -> dict[str, object]:
        with desk.writing() as records, desk.reading() as looked:
            assert records is not looked
        assert (desk.keys, desk.objects, desk.city) == (KEYS, rig.objects, rig.city)
        assert desk.offices.reader is None
        return {"said": f"{desk.now:%H} {desk.safe_photo(b'x').jpeg.decode()}"}

    with running(worker(rig, [JobSpec("toy", look)])):
        assert ask(rig) == Reply("<12 safe x>")
