"""One round: everybody's whole dialogue against one running rig, and whether it went right."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from array import array
from collections import Counter
from dataclasses import dataclass
from typing import Any

from benchmarks.speed import processes
from benchmarks.speed.dialogue import SAID, replies
from benchmarks.speed.frames import read_frames, write_frames
from benchmarks.speed.order import order
from benchmarks.speed.pushes import Platform, status_and_body
from benchmarks.speed.servers import BY_HAND, OURS, ROOT, WEROBOT, Server

_COUNT = {
    OURS.name: "SELECT count(*) FROM speed_registrations",
    BY_HAND.name: "SELECT count(*) FROM registrations",
}

OWN_CALLS = frozenset({
    "client|setinfo", "config|resetstat", "echo", "flushdb", "hello", "info", "keys", "mget",
    "monitor", "ping", "select",
})  # fmt: skip
"""What the bench itself asks, and what a client says when it connects."""


class Wrong(Exception):
    """A rig said or kept something else than it should: there is nothing to compare."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one round came to. Times in seconds, processor times in microseconds a turn."""

    turns: int
    per_second: float
    p50: float
    p99: float
    longest: float
    server_cpu: float
    redis_cpu: float
    load_cpu: float
    redis_calls: float
    memory_mb: float
    finished: int


class Rounds:
    """Plays rounds; `redis_pid` is the shared server's process."""

    def __init__(self, platform: Platform, redis_pid: int) -> None:
        self._platform, self._redis_pid = platform, redis_pid
        self._played = 0

    def play(self, server: Server, people: int, connections: int, rate: float = 0.0) -> Round:
        """Everybody's dialogue. Raises `Wrong` unless every reply and every record is right."""
        self._played += 1
        crowd = [f"o{self._played:04d}-{number:05d}" for number in range(people)]
        folder = server.place.folder
        requests, answers = folder / "requests", folder / "answers"
        write_frames(requests, self._platform.dialogues(crowd))
        kept = finished(server)
        _calls(server)
        before = processes.cpu_seconds(server.pid), processes.cpu_seconds(self._redis_pid)
        told = self._load(server.port, requests, answers, people, connections, rate)
        after = processes.cpu_seconds(server.pid), processes.cpu_seconds(self._redis_pid)
        calls, memory = _calls(server), processes.memory_mb(server.pid)
        times, *responses = read_frames(answers)
        self._check(server, responses, people)
        done = _finished_since(server, kept, people)
        server.redis.flushdb()
        turns, latencies = len(responses), sorted(array("d", times))
        micros = 1_000_000 / turns
        return Round(
            turns=turns,
            per_second=turns / told["seconds"],
            p50=latencies[turns // 2],
            p99=latencies[turns * 99 // 100],
            longest=latencies[-1],
            server_cpu=(after[0] - before[0]) * micros,
            redis_cpu=(after[1] - before[1]) * micros,
            load_cpu=told["cpu"] * micros,
            redis_calls=calls / turns,
            memory_mb=memory,
            finished=done,
        )

    @staticmethod
    def _load(*arguments: object) -> dict[str, float]:
        program = [sys.executable, "-m", "benchmarks.speed.load", *map(str, arguments)]
        ended = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
        if ended.returncode:
            raise Wrong(f"the load broke off:\n{ended.stderr[-2000:]}")
        told: dict[str, float] = json.loads(ended.stdout)
        return told

    def _check(self, server: Server, responses: list[bytes], people: int) -> None:
        wanted = SAID if server.rig.repeats else replies()
        asked = order(people, len(SAID))
        for (message, _), response in zip(asked, responses, strict=True):
            status, body = status_and_body(response)
            if status != 200:
                raise Wrong(f"{server.rig.name}: message {message} was answered with {status}")
            said = self._platform.opened(body)
            if said != wanted[message]:
                raise Wrong(f"{server.rig.name}: {said!r} instead of {wanted[message]!r}")


def _finished_since(server: Server, before: int, people: int) -> int:
    if server.rig.repeats:
        return 0
    found = finished(server) - before
    if found != people:
        raise Wrong(f"{server.rig.name}: {found} of {people} dialogues came to their end")
    return found


def finished(server: Server) -> int:
    """How many dialogues were brought to their end, by what the rig keeps of them."""
    if query := _COUNT.get(server.rig.name):
        connection = sqlite3.connect(server.place.database(server.rig.name))
        try:
            return int(connection.execute(query).fetchone()[0])
        finally:
            connection.close()
    if server.rig is WEROBOT:
        sessions = server.redis.mget(keys) if (keys := server.redis.keys("ws_*")) else []
        return sum(json.loads(session).get("done", False) for session in sessions)
    return 0


def _calls(server: Server) -> int:
    """Calls of clients since this was last asked. What a script calls is not one of them."""
    stats: dict[str, Any] = server.redis.info("commandstats")
    server.redis.config_resetstat()
    calls = Counter({name.removeprefix("cmdstat_"): told["calls"] for name, told in stats.items()})
    if scripts := calls["evalsha"] + calls["eval"]:
        return int(scripts)
    return int(sum(number for name, number in calls.items() if name not in OWN_CALLS))
