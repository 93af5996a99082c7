"""The supervisors' list as a browser gets it: the console's own application over a filled queue."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.soak.servers import Redis
from bot.app import create_app
from models.staff import Role
from tests.bot.console.staffed import Desk, Staffed
from tests.rig import Clock, rig_settings, sources


class Filled(Staffed):
    """The whole site over a database that is there already."""

    def __init__(self, folder: Path, redis_url: str, database_url: str) -> None:
        self.clock = Clock()
        settings = rig_settings(folder, redis_url, database_url)
        self.app = create_app(settings, sources(self.clock))
        self.parts = self.app.extensions["shebaoka"]
        self.client = self.app.test_client()


@contextmanager
def console(database_url: str) -> Iterator[Desk]:
    """A supervisor's browser."""
    with tempfile.TemporaryDirectory(prefix="queue-", dir="/tmp") as name:
        folder = Path(name)
        redis = Redis(folder / "redis.sock", folder)
        site = Filled(folder, redis.url, database_url)
        try:
            yield site.desk(Role.SUPERVISOR)
        finally:
            site.close()
            redis.stop()


def asked(desk: Desk) -> float:
    """Seconds of one request for the list."""
    began = time.perf_counter()
    answer = desk.get("/queue")
    seconds = time.perf_counter() - began
    assert answer.status_code == 200, answer.status
    return seconds
