"""The whole run: verify, rounds in turn, one connection, four fifths of the top speed, the rest."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from benchmarks.speed import demo, stages
from benchmarks.speed.calls import Watch
from benchmarks.speed.dialogue import SAID
from benchmarks.speed.pushes import Platform
from benchmarks.speed.rigs.survey import REGISTRATIONS
from benchmarks.speed.rounds import Round, Rounds
from benchmarks.speed.servers import ECHO, OURS, RIGS, ROOT, Place, Server, serving
from benchmarks.speed.wrk import wrk_per_second
from bot.demo.redis_process import RedisProcess
from models.database import Database

FOUR_FIFTHS = 0.8
_CALM_PEOPLE = 5  # whose calls are counted
_ALONE_PEOPLE = 40
_WARM_UP_PEOPLE = 60
_PACED_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured. `people` walk the dialogue in each of `rounds` rounds."""

    rounds: int = 5
    people: int = 600
    connections: int = 32
    with_demo: bool = True


class Run:
    """One run in one folder. `results` grow as it goes."""

    def __init__(self, plan: Plan, place: Place, server: RedisProcess) -> None:
        self._plan, self._place, self._platform = plan, place, Platform(place.account)
        self._rounds = Rounds(self._platform, server.process.pid)
        self._our_environment = OURS.environment(OURS, place)
        self.results: dict[str, Any] = {"plan": asdict(plan), "messages": len(SAID)}

    def everything(self) -> None:
        _make_database(self._our_environment["SHEBAOKA_DATABASE_URL"])
        with ExitStack() as stack:
            servers = {
                rig.name: stack.enter_context(
                    serving(rig, self._place, self._environment(rig.name))
                )
                for rig in RIGS
            }
            self._verify(servers)
            self._side_by_side(servers)
            self._alone(servers)
            self._with_wrk(servers[ECHO.name])
            self._four_fifths(servers[OURS.name])
            self._two_workers(servers[OURS.name])
        self._stages()
        if self._plan.with_demo:
            _tell("the demo's start")
            folder = self._place.folder / "demo"
            folder.mkdir()
            self.results["demo"] = demo.measure(folder / "data")

    def _environment(self, name: str) -> Mapping[str, str] | None:
        return self._our_environment if name == OURS.name else None

    def _verify(self, servers: Mapping[str, Server]) -> None:
        """Every reply of every rig, and which Redis calls a calm turn makes."""
        calls: dict[str, dict[str, float]] = {}
        for name, server in servers.items():
            _tell(f"verify {name}")
            self._rounds.play(server, _WARM_UP_PEOPLE, self._plan.connections)
            watch = Watch(server)
            watch.start()
            self._rounds.play(server, _CALM_PEOPLE, 1)
            turns = _CALM_PEOPLE * len(SAID)
            calls[name] = {call: count / turns for call, count in watch.stop().items()}
        self.results["redis_calls_of_a_calm_turn"] = calls

    def _side_by_side(self, servers: Mapping[str, Server]) -> None:
        rounds: list[dict[str, Round]] = []
        for number in range(self._plan.rounds):
            rounds.append({name: self._play(server) for name, server in servers.items()})
            speeds = {name: round(one.per_second) for name, one in rounds[-1].items()}
            _tell(f"round {number + 1} of {self._plan.rounds}: {speeds}")
        self.results["rounds"] = [{k: asdict(v) for k, v in each.items()} for each in rounds]

    def _play(self, server: Server) -> Round:
        return self._rounds.play(server, self._plan.people, self._plan.connections)

    def _alone(self, servers: Mapping[str, Server]) -> None:
        _tell("one connection")
        self.results["one_connection"] = {
            name: asdict(self._rounds.play(server, _ALONE_PEOPLE, 1))
            for name, server in servers.items()
        }

    def _with_wrk(self, server: Server) -> None:
        _tell("the same echo with wrk")
        request = self._platform.request("o-wrk", "你好")
        connections = self._plan.connections
        told = wrk_per_second(server.port, request, connections, self._place.folder)
        own = self._rounds.play(server, self._plan.people, connections)
        self.results["load"] = {"wrk": told, "own": own.per_second, "cpu": own.load_cpu}

    def _four_fifths(self, server: Server) -> None:
        """As many requests a second, whether or not the answers keep up."""
        speeds = [each[OURS.name]["per_second"] for each in self.results["rounds"]]
        rate = FOUR_FIFTHS * statistics.median(speeds)
        people = max(self._plan.people, int(rate * _PACED_SECONDS / len(SAID)))
        _tell(f"{rate:.0f} a second")
        paced = self._rounds.play(server, people, 2 * self._plan.connections, rate)
        self.results["four_fifths"] = {"rate": rate, **asdict(paced)}

    def _two_workers(self, one: Server) -> None:
        _tell("two workers against one")
        found: list[dict[str, Any]] = []
        with serving(OURS, self._place, self._our_environment, workers=2) as two:
            self._rounds.play(two, _WARM_UP_PEOPLE, self._plan.connections)
            for _ in range(max(1, self._plan.rounds // 2 + 1)):
                pair = {"one": self._play(one), "two": self._play(two)}
                found.append({name: asdict(each) for name, each in pair.items()})
        self.results["workers"] = found

    def _stages(self) -> None:
        _tell("stages of one turn")
        account = self._place.account
        program = [sys.executable, "-m", "benchmarks.speed.stages"]
        told = subprocess.run(  # noqa: S603
            [*program, account.token, account.aes_key, account.app_id],
            env={**os.environ, **self._our_environment},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        self.results["stages"] = {
            "measured": json.loads(told.stdout),
            "first": {stage.name: stage.first for stage in stages.STAGES},
            "budget": {stage.name: stage.budget for stage in stages.STAGES},
        }


def _make_database(url: str) -> None:
    database = Database(url)
    database.upgrade()
    engine: Engine = database.engine
    REGISTRATIONS.create(engine)
    database.dispose()


def _tell(what: str) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def missing(tools: Mapping[str, str | None], peers: Path) -> str:
    """What a run cannot do without and is not here, in one line; empty when all is there."""
    lacking = [name for name, found in tools.items() if not found]
    if lacking:
        return f"missing: {', '.join(lacking)} (make system-packages)"
    return "" if (peers / "werobot").is_dir() else "the peers are missing: run it by `make bench`"
