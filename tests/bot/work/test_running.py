"""One worker takes the place of another when the words of the city are others."""

from __future__ import annotations

import gc
import os
import resource
import signal
import weakref
from collections.abc import Iterator
from typing import cast

import pytest

from bot.push.sending import IN_FLIGHT
from bot.work import running
from bot.work.running import of_present_words, settle, work_until_told
from bot.work.worker import Worker


class Old:
    """A worker that writes down what is done with it."""

    def __init__(self, done: list[str], *, outdated: bool | Exception) -> None:
        self._done, self._outdated = done, outdated

    def is_outdated(self) -> bool:
        if isinstance(self._outdated, Exception):
            raise self._outdated
        return self._outdated

    def stop(self) -> None:
        self._done.append("the old one stops")


class New:
    def __init__(self, done: list[str]) -> None:
        self._done = done
        done.append("a new one is made")

    def start(self) -> None:
        self._done.append("the new one starts")


def after(outdated: bool | Exception, *, fault: Exception | None = None) -> tuple[bool, list[str]]:
    """Whether another works now, and what was done."""
    done: list[str] = []
    old = cast(Worker, Old(done, outdated=outdated))

    def make() -> Worker:
        if fault:
            raise fault
        return cast(Worker, New(done))

    return of_present_words(old, make) is not old, done


def test_another_is_made_before_the_old_one_stops() -> None:
    steps = ["a new one is made", "the old one stops", "the new one starts"]
    assert after(True) == (True, steps)
    assert after(False) == (False, [])


def test_words_that_cannot_be_worked_with_leave_the_old_one() -> None:
    assert after(True, fault=ValueError("the city contradicts itself")) == (False, [])


def test_who_cannot_see_whether_words_are_new_lets_the_old_one_go_on() -> None:
    assert after(OSError("the profile is gone")) == (False, [])


def test_what_stands_is_looked_through_once_and_no_more() -> None:
    class Loop:
        def __init__(self) -> None:
            self.itself = self

    threshold = gc.get_threshold()
    lost, kept = Loop(), Loop()
    gone = weakref.ref(lost)
    del lost
    try:
        settle()
        assert gone() is None
        settled = gc.get_freeze_count()
        assert settled > len(dir(kept))
        settle()  # for a worker in place of another: what that one left is garbage by now
        assert abs(gc.get_freeze_count() - settled) < settled / 10
    finally:
        gc.unfreeze()
        gc.set_threshold(*threshold)


class Last:
    """A worker that is told to stop as soon as it works."""

    def is_outdated(self) -> bool:
        return False

    def start(self) -> None:
        signal.raise_signal(signal.SIGTERM)

    def stop(self) -> None:
        pass


class Ended(Exception):
    """Of the process."""


@pytest.fixture
def process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a worker changes of its process is as before."""

    def ends(code: int) -> None:
        raise Ended

    monkeypatch.setattr(os, "_exit", ends)
    monkeypatch.setattr(running, "LOOK_SECONDS", 0.0)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    threshold, files = gc.get_threshold(), resource.getrlimit(resource.RLIMIT_NOFILE)
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)
    resource.setrlimit(resource.RLIMIT_NOFILE, files)
    for number, handler in handlers.items():
        signal.signal(number, handler)


def test_nothing_is_kept_of_the_one_whose_place_was_taken(process: None) -> None:
    class First(Last):
        def __init__(self) -> None:
            self.lanes = [self.start]  # which hold it, as a worker's do

        def is_outdated(self) -> bool:
            return True

        def start(self) -> None:
            pass

    made: list[weakref.ref[Last]] = []

    def make() -> Worker:
        worker = Last() if made else First()
        made.append(weakref.ref(worker))
        return cast(Worker, worker)

    with pytest.raises(Ended):
        work_until_told(make)
    assert len(made) == 2
    assert made[0]() is None


def test_a_worker_may_have_more_connections_than_calls_in_flight(process: None) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, hard))
    with pytest.raises(Ended):
        work_until_told(lambda: cast(Worker, Last()))
    soft, unchanged = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert soft > 2 * IN_FLIGHT
    assert unchanged == hard
