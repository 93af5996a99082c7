"""One campaign to very many people, on servers of its own."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import requests

from benchmarks.soak.push.stage import Plan, PushStage
from benchmarks.soak.servers import Postgres, Redis
from bot.demo import tethering
from bot.demo.plan import free_port
from bot.demo.redis_process import socket_folder
from models.database import Database

LATENCY_MS = 50
ERRORS = 0.02


def run(backend: str, plan: Plan, seed: int) -> dict[str, Any]:
    """The run and its audit."""
    began = time.monotonic()
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="soak-"))
        platform = _platform(stack, seed)
        stage = PushStage(
            plan,
            folder,
            _database(stack, backend, folder),
            _redis(stack, folder),
            platform,
            lambda: int(_asked(f"{platform}/held")),
        )
        stack.callback(stage.close)
        stage.fill()
        played = time.monotonic()
        stage.play()
        seconds = time.monotonic() - played
        counts = json.loads(_asked(f"{platform}/counts"))
        told = stage.audit(counts["got"], counts["lost"], counts["fullest"])
    if told["findings"]:
        print(f"records and logs of what was found: {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return {
        "backend": backend,
        "seconds": round(time.monotonic() - began, 1),
        "seconds of the campaign": round(seconds, 1),
        "latency_ms": LATENCY_MS,
        "errors": ERRORS,
        "kills": plan.kills,
        "flushalls": plan.flushes,
        "calls known by their key": counts["repeats"],
        **told,
    }


def _platform(stack: ExitStack, seed: int) -> str:
    port = free_port("127.0.0.1")
    words = [str(port), str(LATENCY_MS), str(ERRORS), str(seed)]
    process = tethering.spawn(
        [sys.executable, "-m", "benchmarks.soak.push.platform", *words], output=subprocess.DEVNULL
    )
    stack.callback(process.wait)
    stack.callback(process.kill)
    url = f"http://127.0.0.1:{port}"
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            _asked(f"{url}/held")
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            break
    return url


def _asked(address: str) -> str:
    return requests.get(address, timeout=30).text


def _redis(stack: ExitStack, folder: Path) -> str:
    sockets = socket_folder()
    stack.callback(shutil.rmtree, sockets, ignore_errors=True)
    (folder / "redis").mkdir()
    server = Redis(sockets / "redis.sock", folder / "redis")
    stack.callback(server.stop)
    return server.url


def _database(stack: ExitStack, backend: str, folder: Path) -> str:
    url = f"sqlite:///{folder / 'records.db'}"
    if backend == "postgresql":
        place = stack.enter_context(tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp"))
        postgres = Postgres(Path(place))
        stack.callback(postgres.stop)
        postgres.execute("CREATE DATABASE soak")
        url = postgres.url("soak")
    database = Database(url)
    database.upgrade()
    database.dispose()
    return url
