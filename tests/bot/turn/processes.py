"""Turns in processes of their own, that die or freeze at a point the test names."""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.dialogue.messages import Update
from tests.bot.turn.rig import Rig

POINTS = (
    "before begin",
    "after begin",
    "handled",
    "before sql commit",
    "after sql commit",
    "before commit",
    "after commit",
)


LONGEST_SECONDS = 60  # no child works for so long, be the machine ever so busy

born: list[Child] = []  # of the running test; what it leaves behind is killed


@dataclass
class Child:
    """A process that takes one update. `answer` waits for its end."""

    pid: int
    pipe: int
    status: int | None = None

    def answer(self) -> str | None:
        """The reply's text, "" for `success`; None if the process was killed before."""
        ready, _, _ = select.select([self.pipe], [], [], LONGEST_SECONDS)
        assert ready, "the child neither answers nor ends"
        with os.fdopen(self.pipe, "rb") as pipe:
            told = pipe.read()
        if self.status is None:
            _, self.status = os.waitpid(self.pid, 0)
        if os.WIFSIGNALED(self.status):
            return None
        assert os.waitstatus_to_exitcode(self.status) == 0, "the child failed"
        return str(json.loads(told)["text"])

    def wait_until_frozen(self) -> bool:
        """False if it ended without coming to its point."""
        _, status = os.waitpid(self.pid, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            self.status = status
        return self.status is None

    def wake(self) -> None:
        if self.status is None:
            os.kill(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def bury(self) -> None:
        """End it, however the test ended."""
        if self.status is None:
            self.kill()
            _, self.status = os.waitpid(self.pid, 0)
            os.close(self.pipe)


def forked(work: Callable[[], Any]) -> Child:
    """Run `work` in a child process; its result is the answer."""
    reader, writer = os.pipe()
    parent = os.getpid()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pytest-xdist has threads
        pid = os.fork()
    if pid:
        os.close(writer)
        born.append(Child(pid, reader))
        return born[-1]
    try:
        _die_with(parent)
        os.close(reader)
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(json.dumps({"text": work()}).encode())
    except BaseException as error:  # a child never returns into pytest
        os.write(2, f"child: {error!r}\n".encode())
        os._exit(1)
    os._exit(0)


def _die_with(parent: int) -> None:
    """A frozen child must not outlive a killed test run."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(1)


def disaster(
    point: str, how: signal.Signals = signal.SIGKILL, nth: int = 1
) -> Callable[[str], None]:
    """A hook by which a process sends itself `how` at its `nth` passing of `point`."""
    passed = 0

    def hook(reached: str) -> None:
        nonlocal passed
        passed += reached == point
        if reached == point and passed == nth:
            os.kill(os.getpid(), how)

    return hook


def deliver(
    rig: Rig, update: Update, point: str = "", how: signal.Signals = signal.SIGKILL, nth: int = 1
) -> Child:
    """Take `update` in a child that sends itself `how` at the `nth` passing of `point`."""

    def work() -> str:
        reply = rig.again(hook=disaster(point, how, nth)).turns().take(update)
        return reply.text if reply else ""

    return forked(work)
