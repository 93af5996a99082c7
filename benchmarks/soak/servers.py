"""Processes that are killed and started again: Redis, PostgreSQL, the site, the worker.

All are started from the main thread and die with this process.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Protocol

import psycopg

from bot.demo import tethering
from bot.demo.redis_process import RedisProcess, is_ready
from tests.postgres_server import PostgresServer, _die_with_parent, _environment, _find_binaries

READY_SECONDS = 30.0


class Mortal(Protocol):
    """Something that can be killed, and started again as it was."""

    name: str

    def kill(self) -> None: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...


class Redis:
    """Under the demo's own options: `appendfsync always`."""

    name = "redis"

    def __init__(self, socket: Path, folder: Path) -> None:
        self._socket, self._folder = socket, folder
        self.start()

    def start(self) -> None:
        self._server = RedisProcess(self._socket, self._folder, durable=True)
        until = time.monotonic() + READY_SECONDS
        while not is_ready(self._socket) and time.monotonic() < until:
            time.sleep(0.02)

    @property
    def url(self) -> str:
        return self._server.url

    def kill(self) -> None:
        self._server.process.kill()
        self._server.process.wait()

    def stop(self) -> None:
        self._server.stop()


class Postgres(PostgresServer):
    """With production's care for what is committed: a killed server has lost nothing."""

    name = "postgresql"

    def _spawn(self, options: list[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603
            [
                *(str(self._binaries / "postgres"), "-D", str(self.folder / "data")),
                *("-k", str(self.folder), "-h", "", "-c", "max_connections=200"),
            ],
            cwd=self.folder,
            user=self._user,
            extra_groups=[] if self._user else None,
            env=_environment(),
            stdout=subprocess.DEVNULL,
            stderr=log,
            preexec_fn=_die_with_parent,
        )

    def kill(self) -> None:
        """The postmaster alone: its children see it gone and end."""
        self._process.kill()
        self._process.wait()

    def start(self) -> None:
        """Again and again, until the last child of the killed one has let go."""
        until = time.monotonic() + READY_SECONDS
        while True:
            try:
                self._process = self._start()
                return
            except (RuntimeError, psycopg.Error):
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)


class Ours:
    """`web` or `worker` of `benchmarks.soak.site`, its output in a file."""

    def __init__(self, name: str, environment: Mapping[str, str], log: Path) -> None:
        self.name, self._environment, self._log = name, environment, log
        self.start()

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = tethering.spawn(
                [sys.executable, "-m", "benchmarks.soak.site", self.name],
                output=log,
                environment=self._environment,
            )

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()

    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def children(self) -> list[int]:
        """Granian's worker processes, which it starts again by itself."""
        place = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [int(pid) for pid in place.read_text().split()] if place.exists() else []


class WebWorker:
    """One of the site's two processes, whichever comes; granian starts it again."""

    name = "web worker"

    def __init__(self, web: Ours) -> None:
        self._web, self._turn = web, 0

    def kill(self) -> None:
        found = self._web.children()
        if found:
            self._turn += 1
            os.kill(found[self._turn % len(found)], signal.SIGKILL)

    def start(self) -> None:
        pass

    def stop(self) -> None:
        pass


def missing() -> str:
    """What this machine lacks for a soak, in one line; empty when nothing."""
    lacks = [] if shutil.which("redis-server") else ["redis-server"]
    try:
        _find_binaries()
    except RuntimeError:
        lacks.append("PostgreSQL")
    names = " and ".join(lacks)
    return f"The soak needs {names}: `make system-packages` installs it." if lacks else ""
