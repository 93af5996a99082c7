"""The demo's processes: all up, healed one by one, and none left behind, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import redis as redis_py

from tests.bot.demo.running import RunningDemo, get


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[RunningDemo]:
    running = RunningDemo(tmp_path)
    assert running.ready(), running.family()
    yield running
    running.close()


def client(demo: RunningDemo) -> redis_py.Redis:
    environment = get(f"{demo.url}/readyz")["settings"]
    return redis_py.Redis.from_url(environment["SHEBAOKA_REDIS_URL"])


def processes(demo: RunningDemo) -> dict[str, int]:
    """The children by what they are: the oldest process of each kind."""
    return {
        "redis": demo.member("redis-server"),
        "simulator": demo.member(f"stub_service {demo.simulator_port}"),
        "web": demo.member(f"stub_service {demo.port}"),
        "worker": demo.member("time.sleep(600)"),
        "web's worker": get(f"{demo.url}/")["pid"],
    }


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_stops_in_order_and_leaves_nothing(demo: RunningDemo, number: signal.Signals) -> None:
    sockets = client(demo).connection_pool.connection_kwargs["path"]
    assert len(demo.family()) >= 7
    demo.process.send_signal(number)
    assert "stopped" in demo.output()
    assert demo.process.returncode == 0
    assert demo.family() == {}
    assert not Path(sockets).parent.exists()


def test_a_killed_supervisor_leaves_nothing_running(demo: RunningDemo) -> None:
    demo.process.kill()
    demo.process.wait()
    assert demo.in_time(3, lambda: demo.family() == {}), demo.family()


def test_what_was_said_is_still_there_after_a_kill_and_a_restart(demo: RunningDemo) -> None:
    before = get(f"{demo.url}/")["settings"]
    client(demo).set("said", "办卡")
    demo.process.kill()
    demo.process.wait()
    assert demo.process.stdout
    demo.process.stdout.close()
    demo.start()
    assert demo.ready()
    after = get(f"{demo.url}/")["settings"]
    assert client(demo).get("said") == "办卡".encode()
    sockets = Path(before["SHEBAOKA_REDIS_URL"].removeprefix("unix://")).parent
    assert not sockets.exists()
    for name in ("SECRET_KEY", "DATA_KEYS", "WECHAT_TOKEN", "WECHAT_AES_KEY"):
        assert after[f"SHEBAOKA_{name}"] == before[f"SHEBAOKA_{name}"]


def test_each_killed_child_is_back_within_five_seconds(demo: RunningDemo) -> None:
    for who in processes(demo):
        killed, before = processes(demo)[who], set(demo.family())
        os.kill(killed, signal.SIGKILL)
        assert demo.in_time(5, partial(healed, demo, who, before)), (who, demo.family())
        assert killed not in demo.family()


def healed(demo: RunningDemo, who: str, before: set[int]) -> bool:
    """Whether a new process has taken the place, and everything answers. What lives on for a moment
    without its parent is none."""
    try:
        return processes(demo)[who] not in before and bool(client(demo).ping())
    except (redis_py.ConnectionError, ValueError):
        return False


def test_a_child_of_a_killed_parent_dies_with_it(demo: RunningDemo) -> None:
    """Granian's worker is a grandchild of ours; alone it would outlive its parent."""
    worker = get(f"{demo.url}/")
    os.kill(worker["parent"], signal.SIGKILL)
    assert demo.in_time(2, lambda: worker["pid"] not in demo.family())


def test_it_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    """As under make: `kill -9` of make is noticed."""
    script = (
        "import os, subprocess, sys, time\n"
        "subprocess.Popen([sys.executable, '-m', 'tests.bot.demo.stub_demo', str(os.getpid())])\n"
        "time.sleep(600)"
    )
    running = RunningDemo(tmp_path, [sys.executable, "-c", script])
    try:
        assert running.ready()
        running.process.kill()
        running.process.wait()
        assert running.in_time(5, lambda: running.family() == {}), running.family()
    finally:
        running.close()


def test_a_second_demo_on_the_same_data_is_refused(demo: RunningDemo) -> None:
    second = RunningDemo(demo.folder)
    try:
        assert second.process.wait(60) == 1
        assert second.process.stdout
        assert "another demo runs" in second.process.stdout.read()
        assert demo.ready()
    finally:
        second.process.stdout.close()  # type: ignore[union-attr]


def test_a_child_that_cannot_start_is_shown_and_everything_ends(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.bot.demo.stub_demo", "broken"]
    running = RunningDemo(tmp_path, command)
    try:
        shown = running.output()
        assert running.process.returncode == 1
        assert "web does not start" in shown
        assert "no luck" in shown
        assert running.family() == {}
    finally:
        running.close()


def test_a_taken_port_is_named(demo: RunningDemo, tmp_path: Path) -> None:
    other = RunningDemo(tmp_path / "other", PORT=str(demo.port))
    try:
        assert f"port {demo.port} is taken" in other.output()
        assert other.process.returncode == 1
    finally:
        other.close()


def test_a_given_redis_and_database_are_used_instead(tmp_path: Path, redis_url: str) -> None:
    records = f"sqlite:///{tmp_path}/elsewhere.db"
    running = RunningDemo(tmp_path, REDIS_URL=redis_url, DATABASE_URL=records)
    try:
        assert running.ready()
        settings = get(f"{running.url}/")["settings"]
        assert settings["SHEBAOKA_REDIS_URL"] == redis_url
        assert settings["SHEBAOKA_DATABASE_URL"] == records
        assert (tmp_path / "elsewhere.db").exists()
        assert not (tmp_path / "shebaoka.db").exists()
        assert not any("redis-server" in line for line in running.family().values())
    finally:
        running.close()


def test_make_hands_the_demo_its_own_process() -> None:
    recipe = subprocess.run(
        ["make", "-n", "demo"], capture_output=True, text=True, check=True, cwd=Path.cwd()
    )
    assert "exec .venv/bin/shebaoka demo --parent $PPID" in recipe.stdout
