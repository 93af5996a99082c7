"""Real Redis servers that belong together, for tests: a cluster of masters, a watched master.

Each server dies with this process. Start them from the main thread.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import redis

from bot.demo import tethering
from bot.demo.plan import is_free
from bot.demo.redis_process import redis_program, socket_folder

SLOTS = 16_384
SERVICE = "card"
BUS = 10_000  # a cluster's nodes talk at the port that lies so much higher
PATIENCE = 10.0
SILENT_MS = 1000  # after which a sentinel takes its master for dead


@contextmanager
def cluster(masters: int = 3) -> Iterator[list[redis.Redis]]:
    """A cluster of masters that has all its slots: a client of each node."""
    with ExitStack() as stack:
        nodes = [stack.enter_context(_server("--cluster-enabled", "yes")) for _ in range(masters)]
        for number, node in enumerate(nodes):
            mine = range(SLOTS * number // masters, SLOTS * (number + 1) // masters)
            _ask(node, "CLUSTER ADDSLOTS", *mine)
            _ask(node, "CLUSTER SET-CONFIG-EPOCH", number + 1)
        for node in nodes[1:]:
            _ask(node, "CLUSTER MEET", "127.0.0.1", port_of(nodes[0]))
        _wait(lambda: all(_whole(node, masters) for node in nodes))
        yield nodes


@contextmanager
def watched() -> Iterator[tuple[redis.Redis, redis.Redis, redis.Redis]]:
    """A sentinel, the master it watches as `card`, and the master's replica."""
    with ExitStack() as stack:
        master = stack.enter_context(_server("--repl-diskless-sync-delay", "0"))
        replica = stack.enter_context(_server("--replicaof", f"127.0.0.1 {port_of(master)}"))
        _wait(lambda: replica.info()["master_link_status"] == "up")
        watch = (
            f"sentinel monitor {SERVICE} 127.0.0.1 {port_of(master)} 1\n"
            f"sentinel down-after-milliseconds {SERVICE} {SILENT_MS}\n"
        )
        sentinel = stack.enter_context(_server("--sentinel", written=watch))
        _wait(lambda: _watches(sentinel))
        yield sentinel, master, replica


def fail_over(sentinel: redis.Redis, chosen: redis.Redis) -> None:
    """Have the replica made the master, as if the old one had died."""
    _wait(lambda: _begun(sentinel))
    _wait(lambda: chosen.info()["role"] == "master")


def die(server: redis.Redis) -> None:
    """As a power cut: the server is gone without a word to its replica or sentinel."""
    os.kill(int(server.info()["process_id"]), signal.SIGKILL)


def port_of(node: redis.Redis) -> int:
    """The port a client's server listens at."""
    return int(node.connection_pool.connection_kwargs["port"])


def hosts(nodes: Sequence[redis.Redis]) -> str:
    """As our settings name several servers."""
    return ",".join(f"127.0.0.1:{port_of(node)}" for node in nodes)


@contextmanager
def _server(*options: str, written: str = "") -> Iterator[redis.Redis]:
    folder, port = socket_folder(), _free_port()
    page = folder / "redis.conf"
    page.write_text(f'port {port}\nbind 127.0.0.1\ndir {folder}\nsave ""\n{written}', "utf-8")
    with (folder / "log").open("wb") as log:
        process = tethering.spawn([redis_program(), str(page), *options], output=log)
    client = redis.Redis(port=port, socket_timeout=2, decode_responses=True)
    try:
        _wait(lambda: _answers(client))
        yield client
    finally:
        client.close()
        process.kill()
        process.wait()
        shutil.rmtree(Path(folder))


def _free_port() -> int:
    """A port whose bus port is free as well."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port + BUS < 65_536 and is_free("127.0.0.1", port + BUS):
            return port
        port = 20_000 + port % 30_000
        if is_free("127.0.0.1", port) and is_free("127.0.0.1", port + BUS):
            return port


def _ask(node: redis.Redis, *words: str | int) -> Any:
    return node.execute_command(*words)  # type: ignore[no-untyped-call]


def _begun(sentinel: redis.Redis) -> bool:
    try:
        _ask(sentinel, "SENTINEL FAILOVER", SERVICE)
    except redis.ResponseError:  # it does not know yet how the replica does
        return False
    return True


def _answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


def _whole(node: redis.Redis, masters: int) -> bool:
    info = _ask(node, "CLUSTER INFO")
    return bool(info["cluster_state"] == "ok" and info["cluster_known_nodes"] == str(masters))


def _watches(sentinel: redis.Redis) -> bool:
    found = _ask(sentinel, "SENTINEL MASTER", SERVICE)
    state = found if isinstance(found, dict) else dict(zip(found[::2], found[1::2], strict=True))
    return int(state.get("num-slaves", 0)) == 1 and "master" in str(state["flags"])


def _wait(done: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < end, "the servers did not come together in time"
        time.sleep(0.02)
