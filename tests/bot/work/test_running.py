"""One worker takes the place of another when the words of the city are others."""

from __future__ import annotations

import gc
import weakref
from typing import cast

from bot.work.running import of_present_words, settle
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
