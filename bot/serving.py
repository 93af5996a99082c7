"""Serving the site: granian with our threads."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.server import Server

from bot.tether import die_with_parent

THREADS = 16  # blocking threads of a worker; each holds one message


def serve(factory: str, host: str, port: int, *, workers: int = 1, threads: int = THREADS) -> None:
    """Serve the WSGI application that `factory` ("module:function") makes, until told to stop.

    Each worker process makes its own; the factory is told how many `threads` will call what it
    makes. A worker that dies is replaced, and none outlives us.
    """
    server = Server(
        factory,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=workers,
        blocking_threads=threads,
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=5,
        log_access=False,
    )
    server.serve(target_loader=partial(_make, os.getpid(), threads))


def _make(parent: int, threads: int, factory: str) -> Callable[..., Any]:
    """Make the application in a worker; granian calls this from the worker's main thread."""
    _end_with(parent)
    module, _, name = factory.partition(":")
    application: Callable[..., Any] = getattr(import_module(module), name)(threads)
    return application


def _end_with(parent: int) -> None:
    """Granian's workers outlive a kill -9 of their parent; ours do not."""
    if sys.platform.startswith("linux"):
        die_with_parent(parent)
        return

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
