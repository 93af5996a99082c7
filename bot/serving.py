"""Serving the site: granian with our threads, and production's refusals before it starts."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.server import Server

from bot.tether import die_with_parent
from config.settings import Settings, environment_name

THREADS = 16  # blocking threads of a worker; each holds one message
ADDRESSES = (
    "wechat_api_base",
    "wechat_mini_api_base",
    "alipay_gateway",
    "identity_url",
    "portraits_url",
    "card_making_url",
    "bank_url",
    "records_url",
    "sms_url",
)


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


def simulator_faults(settings: Settings, timeout: float = 2.0) -> list[str]:
    """A sentence for each address of an outside party that turns out to be a simulator's.

    Asks `GET /` of each host once. One that does not answer is no fault: it may come later.
    """
    places = {name: _root(getattr(settings, name)) for name in ADDRESSES if getattr(settings, name)}
    simulators = {root for root in set(places.values()) if _is_simulator(root, timeout)}
    return [
        f"{environment_name(name)}: is a simulator, which lets anybody be anybody"
        for name, root in places.items()
        if root in simulators
    ]


def _root(address: str) -> str:
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}/"


def _is_simulator(root: str, timeout: float) -> bool:
    try:
        with urllib.request.urlopen(root, timeout=timeout) as response:  # noqa: S310
            body = json.loads(response.read(1000))
    except (OSError, urllib.error.URLError, ValueError):
        return False
    return isinstance(body, dict) and "simulator" in body
