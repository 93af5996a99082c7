"""`shebaoka worker`: the background work, until told to stop."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import NoReturn

from bot.commands.settings import given_settings


def run() -> NoReturn:
    """Work until SIGTERM or Ctrl-C; what is being done is finished first."""
    from bot.app import create_worker

    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    worker = create_worker(given_settings())
    worker.start()
    told.wait()
    worker.stop()
    # All work is done and committed. A model that is still being loaded (5 s) would keep the
    # interpreter waiting for its thread.
    sys.stderr.flush()
    os._exit(0)
