"""`shebaoka worker`: the background work, until told to stop."""

from __future__ import annotations

import signal
import threading

from bot.commands.settings import given_settings


def run() -> int:
    """Work until SIGTERM or Ctrl-C; what is being done is finished first."""
    from bot.app import create_worker

    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    worker = create_worker(given_settings())
    worker.start()
    told.wait()
    worker.stop()
    return 0
