"""How long the demo takes to be ready, and how much memory it then has."""

from __future__ import annotations

import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from benchmarks.speed import processes
from benchmarks.speed.servers import ROOT, free_port
from bot.demo import tethering

PATIENCE = 120.0
_CALM = 3.0  # seconds after the start, for what is loaded in the background


def measure(folder: Path) -> dict[str, float]:
    """Seconds from the command to a ready service: with an empty folder, and again; memory."""
    first, _ = _start(folder)
    again, memory = _start(folder)
    return {"first_start": first, "start": again, **memory}


def _start(folder: Path) -> tuple[float, dict[str, float]]:
    port = free_port()
    own = {"SHEBAOKA_PORT": str(port), "SHEBAOKA_DATA_DIR": str(folder)}
    begun = time.monotonic()
    with (folder.parent / "demo.log").open("ab") as log:
        process = tethering.spawn(
            [sys.executable, "-m", "bot.cli", "demo"],
            output=log,
            environment={**os.environ, **own, "PYTHONPATH": str(ROOT)},
        )
    try:
        _wait_ready(f"http://127.0.0.1:{port}/readyz")
        seconds = time.monotonic() - begun
        time.sleep(_CALM)
        return seconds, {"memory_mb": processes.memory_mb(process.pid)}
    finally:
        process.terminate()
        process.wait(30)


def _wait_ready(url: str) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=1) as response:  # noqa: S310
                if response.status == 200:
                    return
        except (OSError, urllib.error.URLError):
            pass
        time.sleep(0.05)
    raise RuntimeError("the demo does not get ready")
