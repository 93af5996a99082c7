"""The process of a worker: from its start until it is told to stop."""

from __future__ import annotations

import gc
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable
from typing import NoReturn

import structlog

from bot.work.worker import Worker

LOOK_SECONDS = 5.0  # until it notices what was published
_FILES = 16_384
_YOUNG = 10_000  # objects after which the newest are looked through; Python begins with 700

log = structlog.get_logger(__name__)


def work_until_told(make: Callable[[], Worker]) -> NoReturn:
    """Make the worker and let it work until SIGTERM or Ctrl-C; what is being done is finished.
    Where staff published new words, another one that knows them takes its place.

    Call it from the main thread; it ends the process.
    """
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    open_many()
    worker = make()
    settle()
    worker.start()
    while not told.wait(LOOK_SECONDS):
        present = of_present_words(worker, make)
        if present is not worker:
            worker = present
            settle()  # nobody holds the one before any more
    worker.stop()
    # All work is done and committed. A model that is still being loaded (5 s) would keep the
    # interpreter waiting for its thread.
    sys.stderr.flush()
    os._exit(0)


def settle() -> None:
    """Look for garbage among all that is there, and no more after that: it stands as long as the
    process, and looking through it again and again takes a fifth of what a push costs."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG)


def open_many() -> None:
    """Let the process have many files and connections at once. Most systems begin with 1,024, which
    the calls of pushes that a slow platform has not answered yet use up alone."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def of_present_words(worker: Worker, make: Callable[[], Worker]) -> Worker:
    """The one that works from now on: the same, or in its place one that was made from new words.
    Words that cannot be worked with are logged, and the old one goes on."""
    try:
        if not worker.is_outdated():
            return worker
        other = make()
    except Exception as fault:
        log.error("the new edition cannot be worked with", fault=type(fault).__name__)
        return worker
    worker.stop()
    other.start()
    log.info("a new edition is worked with")
    return other
