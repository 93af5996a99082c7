"""The embedded Redis answers, keeps what it was told, and cannot outlive us."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as redis_py

from bot.demo.redis_process import NoRedis, RedisProcess, redis_program, socket_folder

PARENT = """
import sys, time
from pathlib import Path
from bot.demo.redis_process import RedisProcess
folder = Path(sys.argv[1])
server = RedisProcess(folder / "redis.sock", folder, durable=False)
server.wait()
print(server.process.pid, flush=True)
time.sleep(60)
"""


def is_running(pid: int) -> bool:
    """Whether the process lives; one that died and waits to be collected does not."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture
def folder() -> Iterator[Path]:
    place = socket_folder()
    yield place
    shutil.rmtree(place)


def test_the_shared_server_is_empty_when_a_test_begins(redis: redis_py.Redis) -> None:
    assert redis.dbsize() == 0
    redis.set("left", "behind")


def test_the_folder_of_the_socket_is_ours_alone(folder: Path) -> None:
    assert folder.stat().st_mode & 0o777 == 0o700


def test_what_was_written_survives_a_kill_of_the_server(folder: Path) -> None:
    server = RedisProcess(folder / "redis.sock", folder)
    server.wait()
    redis_py.Redis.from_url(server.url).set("said", "办卡")
    server.process.kill()
    server.process.wait()
    again = RedisProcess(folder / "redis.sock", folder)
    again.wait()
    try:
        client = redis_py.Redis.from_url(again.url)
        assert client.get("said") == "办卡".encode()
        policy = client.info("memory")["maxmemory_policy"]
        assert policy == "noeviction"
        client.close()
    finally:
        again.stop()


def test_a_killed_parent_takes_its_server_with_it(folder: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(folder)], stdout=subprocess.PIPE, cwd=Path.cwd()
    )
    assert parent.stdout
    server = int(parent.stdout.readline())
    assert is_running(server)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    end = time.monotonic() + 3
    while is_running(server) and time.monotonic() < end:
        time.sleep(0.01)
    assert not is_running(server)


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    (folder / "redis.sock").mkdir()
    server = RedisProcess(folder / "redis.sock", folder, durable=False)
    with pytest.raises(NoRedis, match="did not start"):
        server.wait()


def test_without_a_server_program_one_line_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    with pytest.raises(NoRedis, match="install redis-server"):
        redis_program()


def test_the_machines_own_server_is_preferred_to_the_environments(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    own, machine = folder / "own", folder / "machine"
    for place in (own, machine):
        place.mkdir()
        (place / "redis-server").write_text("")
        (place / "redis-server").chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(own / "python"))
    monkeypatch.setenv("PATH", f"{own}{os.pathsep}{machine}")
    assert redis_program() == str(machine / "redis-server")
    monkeypatch.setenv("PATH", str(own))
    assert redis_program() == str(own / "redis-server")
