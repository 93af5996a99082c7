"""The service under fire: production's site and worker, which also know how to count.

    python -m benchmarks.soak.site web | worker

With `SOAK_DEATH` set to a probability the process kills itself at that share of the named points,
or of the one that `SOAK_POINT` names, and says so in the file `SOAK_DEATHS` first.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from flask import Flask

from benchmarks.soak.control import WithoutFence, with_heads
from benchmarks.soak.counting import SPEC, count, counted
from benchmarks.soak.journal import Journal
from bot.app import create_app, create_worker
from bot.assembly import Assembly
from bot.dialogue.messages import Outcome
from bot.ports import Handle, JobSpec, Turn
from bot.serving import serve
from bot.turn import Turns
from bot.work.running import work_until_told
from config.settings import load_settings

WEB_WORKERS = 2


class CountingAssembly(Assembly):
    """Answers the soak's messages itself, and leaves all others to the bot."""

    @cached_property
    def handle(self) -> Handle:
        bot = super().handle

        def handle(turn: Turn) -> Outcome:
            return count(turn) if counted(turn) else bot(turn)

        return handle

    @property
    def jobs(self) -> Sequence[JobSpec]:
        return [*super().jobs, SPEC]


class FencelessAssembly(CountingAssembly):
    """The negative control: turns that leave no row behind."""

    @cached_property
    def turns(self) -> Turns:
        return with_heads(super().turns, WithoutFence)


def _assembly() -> type[Assembly]:
    return FencelessAssembly if os.environ.get("SOAK_FENCELESS") else CountingAssembly


def fate(point: str) -> None:
    """Perhaps the end of this process."""
    meant = os.environ.get("SOAK_POINT") in (None, point)
    if meant and random.random() < float(os.environ.get("SOAK_DEATH", "0")):  # noqa: S311 - no secret
        Journal(Path(os.environ["SOAK_DEATHS"])).note("death", point=point)
        os.kill(os.getpid(), signal.SIGKILL)


def application(threads: int) -> Flask:
    """What a worker process of the site runs."""
    return create_app(load_settings(), threads=threads, hook=fate, assembly=_assembly())


def main() -> None:
    settings = load_settings()
    if sys.argv[1] == "web":
        make = "benchmarks.soak.site:application"
        serve(make, settings.host, settings.port, workers=WEB_WORKERS)
    else:
        work_until_told(lambda: create_worker(settings, hook=fate, assembly=_assembly()))


if __name__ == "__main__":
    main()
