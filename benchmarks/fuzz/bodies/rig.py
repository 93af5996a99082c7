"""One server with its own Redis and SQLite, and what can be seen of it from outside."""

from __future__ import annotations

import base64
import os
import shutil
import socket
import sqlite3
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import redis

from benchmarks.fuzz.bodies.mutants import AES_KEY, APP_ID, TOKEN, Mode
from bot.demo import tethering
from bot.demo.redis_process import redis_command, redis_url, socket_folder
from models.database import Database

_PAGE = os.sysconf("SC_PAGE_SIZE")
ROOT = Path(__file__).parents[3]


class Rig:
    """Started by its constructor, from the main thread; `stop` ends everything."""

    def __init__(self, mode: Mode, protection: str = "whole") -> None:
        self.mode, self.folder = mode, socket_folder()
        self._socket, self._records = self.folder / "redis.sock", self.folder / "records.db"
        self._log = (self.folder / "server.log").open("wb")
        self.port = _free_port()
        database = Database(f"sqlite:///{self._records}")
        database.upgrade()
        database.dispose()
        debug = ["--enable-debug-command", "local"]  # for the digest of the whole keyspace
        self._redis = tethering.spawn(
            [*redis_command(self._socket, self.folder, durable=False), *debug], output=self._log
        )
        server = [sys.executable, "-m", "benchmarks.fuzz.bodies.server", str(self.port), protection]
        self._server = tethering.spawn(server, output=self._log, environment=self._environment())
        self.keys = redis.Redis(unix_socket_path=str(self._socket))
        self._wait()
        # What expires by itself is no change of state.
        self._debug("SET-ACTIVE-EXPIRE", "0")
        self._sql = sqlite3.connect(self._records, isolation_level=None)

    def _environment(self) -> dict[str, str]:
        given = {
            "redis_url": redis_url(self._socket),
            "database_url": f"sqlite:///{self._records}",
            "data_dir": str(self.folder),
            "secret_key": "fuzz" * 10,
            "data_keys": f"1:{base64.b64encode(b'd' * 32).decode()}",
            "index_key": base64.b64encode(b"i" * 32).decode(),
            "office_key": "fuzz-office-key-0123456789",
            "public_url": "http://127.0.0.1",
            "wechat_app_id": APP_ID,
            "wechat_app_secret": "fuzz-secret",
            "wechat_token": TOKEN,
            "wechat_aes_key": AES_KEY,
            "wechat_mode": self.mode,
            "wechat_api_base": "http://127.0.0.1:9",  # nobody listens there
        }
        ours = {f"SHEBAOKA_{name.upper()}": value for name, value in given.items()}
        others = {k: v for k, v in os.environ.items() if not k.startswith("SHEBAOKA_")}
        return {**others, **ours, "PYTHONPATH": str(ROOT)}

    def _wait(self, seconds: float = 60.0) -> None:
        ends = time.monotonic() + seconds
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2):
                    return
            except (OSError, urllib.error.URLError):
                if time.monotonic() > ends or self._server.poll() is not None:
                    said = (self.folder / "server.log").read_text("utf-8", "replace")[-2000:]
                    self.stop()
                    raise RuntimeError(f"the server did not start: {said}") from None
                time.sleep(0.1)

    # --- what can be seen from outside ---

    def state(self) -> dict[str, Any]:
        """A digest of everything in Redis and what tells of every commit in SQL."""
        tables = [name for (name,) in self._sql.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        )]  # fmt: skip
        return {
            "keys": self.keys.dbsize(),
            "digest": self._debug("DIGEST").decode(),
            "writes": self.keys.info("persistence")["rdb_changes_since_last_save"],
            "commits": self._sql.execute("PRAGMA data_version").fetchone()[0],
            "rows": {
                name: self._sql.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
                for name in tables
            },
        }

    def _debug(self, *words: str) -> Any:
        execute: Any = self.keys.execute_command
        return execute("DEBUG", *words)

    def memory(self) -> float:
        """MiB of resident memory of the server and its workers."""
        pages = 0
        for process in _tree(self._server.pid):
            try:
                pages += int(Path(f"/proc/{process}/statm").read_text().split()[1])
            except OSError:
                continue
        return round(pages * _PAGE / 2**20, 1)

    def stop(self) -> None:
        """End server and Redis, wait for them, and remove what they wrote."""
        for process in (self._server, self._redis):
            process.terminate()
        for process in (self._server, self._redis):
            try:
                process.wait(15)
            except Exception:
                process.kill()
                process.wait()
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _tree(root: int) -> list[int]:
    """A process and those that it started, by the kernel's own lists."""
    found = [root]
    for process in found:
        for task in Path(f"/proc/{process}/task").glob("*/children"):
            found += map(int, task.read_text().split())
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
