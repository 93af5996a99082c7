"""`python -m benchmarks.reviewer`: a reviewer's day by keyboard, each wait measured from the key to
the next case with its pictures; written to `benchmarks/results/reviewer-DATE.json`. Ends with 1
where one in a hundred waits is longer than what was promised.

In life somebody looks at a case for ten seconds; here for `--look`, so that 300 decisions fit into
minutes. That is the harder case: the pictures loaded ahead have less time to come.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import requests

from benchmarks import runs
from benchmarks.reviewer.site import FOLDER, REDIS
from bot.demo import tethering
from bot.demo.redis_process import RedisProcess, socket_folder
from models.staff import Role
from tests.bot.console.cases import FITS, UNFIT, Cases
from tests.bot.console.staffed import Staffed
from tests.bot.simulator.browser import chromium
from tests.browser.at_the_desk import Keys, at_the_console

PROMISED = 300  # milliseconds
START_SECONDS = 60


def main() -> int:
    asked = _asked()
    page: dict[str, Any] = runs.described(f"python -m benchmarks.reviewer {' '.join(sys.argv[1:])}")
    page |= {"decisions": asked.decisions, "look_seconds": asked.look, "promised_ms": PROMISED}
    with _served(asked.decisions + 40) as (staffed, site), chromium() as browser:
        desk = staffed.desk(Role.REVIEWER)
        with at_the_console(browser, desk, f"{site}/console") as keys:
            did = _day(keys, asked.decisions, asked.look)
        page |= {"did": did, "waits_ms": _told(keys.waits)}
    print(page["waits_ms"])
    print(f"written: {runs.write('reviewer', page).relative_to(runs.ROOT)}")
    return 0 if page["waits_ms"]["p99"] <= PROMISED else 1


def _day(keys: Keys, decisions: int, look: float) -> Counter[str]:
    """Every kind of decision, as often as in life; what was done how often."""
    did: Counter[str] = Counter()
    keys.open("/review")
    keys.on("F2")
    for number in range(1, decisions + 1):
        time.sleep(look)
        kind = next((each for every, each in _EVERY if number % every == 0), "approve")
        getattr(_Acts, kind)(keys)
        did[kind] += 1
    return did


class _Acts:
    """What the hands do. Each ends at the next case."""

    @staticmethod
    def approve(keys: Keys) -> None:
        keys.on("1")

    @staticmethod
    def send_back(keys: Keys) -> None:
        keys.on("2")
        keys.press("1", "5", "ArrowRight", "ArrowUp", "ArrowUp")
        keys.sees("背景")
        keys.on("Enter")

    @staticmethod
    def refuse(keys: Keys) -> None:
        keys.on("3")
        keys.press("3", "2")
        keys.on("Enter")

    @staticmethod
    def hold(keys: Keys) -> None:
        keys.on("4")
        keys.on("3")

    @staticmethod
    def take_back(keys: Keys) -> None:
        keys.on("1")
        keys.on("0")
        keys.on("1")


_EVERY = ((50, "refuse"), (40, "hold"), (25, "take_back"), (8, "send_back"))


def _told(waits: list[float]) -> dict[str, float]:
    """Milliseconds."""
    cuts = statistics.quantiles([wait * 1000 for wait in waits], n=100, method="inclusive")
    found = {"p50": cuts[49], "p95": cuts[94], "p99": cuts[98], "max": max(waits) * 1000}
    return {"count": len(waits), **{name: round(value) for name, value in found.items()}}


@contextmanager
def _served(cases: int) -> Iterator[tuple[Staffed, str]]:
    """Cases to be reviewed, and the site over them."""
    folder = socket_folder()
    redis = RedisProcess(folder / "redis.sock", folder, durable=False)
    redis.wait()
    with tempfile.TemporaryDirectory() as data, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        staffed = Staffed(Path(data), redis.url)
        _fill(Cases(staffed.parts), cases)
        process = tethering.spawn(
            [sys.executable, "-m", "benchmarks.reviewer.site", str(port)],
            output=subprocess.DEVNULL,
            environment={**os.environ, FOLDER: data, REDIS: redis.url},
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}")
            yield staffed, f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait()
            staffed.close()
            redis.stop()


def _fill(cases: Cases, count: int) -> None:
    for number in range(count):
        own = {} if number % 3 else {"own_photo": "portrait_wang_yan", "measures": [FITS, UNFIT]}
        cases.add(promised=date(2026, 11, 24 + number % 6), **own)  # type: ignore[arg-type]


def _wait_for(site: str) -> None:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends:
        try:
            requests.get(f"{site}/healthz", timeout=2).raise_for_status()
            return
        except requests.RequestException:
            time.sleep(0.1)
    raise RuntimeError("the site did not start")


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reviewer")
    parser.add_argument("--decisions", type=int, default=300)
    parser.add_argument("--look", type=float, default=1.0, help="seconds of looking at each case")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
