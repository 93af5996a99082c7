"""The rigs as running servers, and the Redis they share."""

from __future__ import annotations

import base64
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import redis

from benchmarks.speed import processes
from benchmarks.speed.pushes import Secrets
from bot.demo import tethering

ROOT = Path(__file__).parents[2]
THREADS = 4
"""Of every rig's worker. Nobody waits for an office here, and sixteen threads (the service's own
number, most of which may wait) hand the interpreter's lock round for a fifth more time."""

PEERS = ROOT / ".venv" / "peers"
"""Where `make bench` puts the packages of the peers. Only their rigs see them."""

_PACKAGE = "benchmarks.speed.rigs"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run's databases are, and the account that everybody writes to."""

    folder: Path
    redis_url: str
    account: Secrets

    def database(self, rig: str) -> Path:
        return self.folder / f"{rig}.db"

    def redis_database(self, number: int) -> str:
        return f"{self.redis_url}?db={number}"


@dataclass(frozen=True, slots=True)
class Rig:
    """One way to answer. `database` is the number of its Redis database."""

    name: str
    module: str
    what: str
    database: int
    environment: Callable[[Rig, Place], dict[str, str]]

    @property
    def repeats(self) -> bool:
        """It says what was said to it, and knows no dialogue."""
        return self.name in ("echo", "bare")


def peers_environment(rig: Rig, place: Place) -> dict[str, str]:
    return {
        "RIG_TOKEN": place.account.token,
        "RIG_AES_KEY": place.account.aes_key,
        "RIG_APP_ID": place.account.app_id,
        "RIG_REDIS_URL": place.redis_database(rig.database),
        "RIG_DATABASE": str(place.database(rig.name)),
        "PYTHONPATH": f"{ROOT}{os.pathsep}{PEERS}",
    }


def our_environment(rig: Rig, place: Place) -> dict[str, str]:
    """The settings of `shebaoka serve`; no office is asked in this dialogue."""

    def key() -> str:
        return base64.b64encode(secrets.token_bytes(32)).decode()

    given = {
        "DATABASE_URL": f"sqlite:///{place.database(rig.name)}",
        "DATA_DIR": str(place.folder / rig.name),
        "REDIS_URL": place.redis_database(rig.database),
        "SECRET_KEY": secrets.token_hex(32),
        "DATA_KEYS": f"1:{key()}",
        "INDEX_KEY": key(),
        "PUBLIC_URL": "http://127.0.0.1",
        "WECHAT_APP_ID": place.account.app_id,
        "WECHAT_APP_SECRET": secrets.token_hex(16),
        "WECHAT_TOKEN": place.account.token,
        "WECHAT_AES_KEY": place.account.aes_key,
    }
    return {f"SHEBAOKA_{name}": value for name, value in given.items()} | {"PYTHONPATH": str(ROOT)}


OURS = Rig("ours", "ours", "create_app, the card bot with one form more", 0, our_environment)
ECHO = Rig("echo", "echo", "stateless wechatpy AES echo in Flask", 1, peers_environment)
WEROBOT = Rig(
    "werobot", "werobot_rig", "WeRoBot 1.13.1 with its Redis session", 2, peers_environment
)
BY_HAND = Rig(
    "by_hand", "by_hand", "wechatpy in Flask, JSON in Redis, INSERT at the end", 3,
    peers_environment,
)  # fmt: skip
BARE = Rig(
    "bare", "bare", "our codec and the turn's two scripts, nothing else", 4, peers_environment
)
RIGS = (OURS, ECHO, WEROBOT, BY_HAND, BARE)


class Server:
    """One rig being served."""

    def __init__(
        self, rig: Rig, place: Place, environment: Mapping[str, str], workers: int
    ) -> None:
        self.rig, self.place, self.workers, self.port = rig, place, workers, free_port()
        self.log = place.folder / f"{rig.name}-{workers}.log"
        factory = f"{_PACKAGE}.{rig.module}:make"
        program = [sys.executable, "-m", "benchmarks.speed.serving", factory]
        with self.log.open("wb") as log:
            self._process = tethering.spawn(
                [*program, str(self.port), str(workers), str(THREADS)],
                output=log,
                environment={**os.environ, **environment},
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @cached_property
    def redis(self) -> Any:
        return redis.Redis.from_url(self.place.redis_database(self.rig.database))

    def wait(self, seconds: float = 60.0) -> None:
        """Return when every worker is there and one answers. Raises RuntimeError."""
        end = time.monotonic() + seconds
        while not (len(processes.family(self.pid)) > self.workers and answers(self.port)):
            if self._process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(
                    f"{self.rig.name} does not start:\n{self.log.read_text()[-3000:]}"
                )
            time.sleep(0.05)

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@contextmanager
def serving(
    rig: Rig, place: Place, environment: Mapping[str, str] | None = None, workers: int = 1
) -> Iterator[Server]:
    """The rig, ready for requests."""
    server = Server(rig, place, environment or rig.environment(rig, place), workers)
    try:
        server.wait()
        yield server
    finally:
        server.stop()


def answers(port: int) -> bool:
    """Whether something listens at the port."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=0.5).close()
    except OSError:
        return False
    return True


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
