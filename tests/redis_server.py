"""A real Redis for the tests, started once per test process. Fails, never skips, without one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
import redis as redis_py

from bot.demo.redis_process import RedisProcess, socket_folder


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """The address of this test process's own server (a unix socket in a private folder)."""
    folder = socket_folder()
    server = RedisProcess(folder / "redis.sock", folder, durable=False)
    try:
        server.wait()
        yield server.url
    finally:
        server.stop()
        shutil.rmtree(folder)


@pytest.fixture
def redis(redis_url: str) -> Iterator[redis_py.Redis]:
    """A client of that server, which is empty when the test begins."""
    client = redis_py.Redis.from_url(redis_url)
    client.flushall()
    yield client
    client.close()
