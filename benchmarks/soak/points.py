"""Trials by the thousand: a few processes, each with a database and a Redis of its own.

Every finished trial is a line of the progress file; a run that is started again goes on from there.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from os import getpid
from pathlib import Path
from typing import Any

import models.database
from benchmarks.soak.auditor import PUT_ASIDE, audit, figures, read_journal
from benchmarks.soak.control import RIGS
from benchmarks.soak.rig import SoakRig
from benchmarks.soak.stores import Stores
from benchmarks.soak.trial import Trial
from bot.demo.redis_process import RedisProcess, socket_folder
from bot.tether import die_with_parent
from models.database import Database
from tests.bot.turn.rig import KEYS
from tests.postgres_server import PostgresServer

BACKENDS = ("sqlite", "postgresql")
DATA_KEY = bytes(range(32))  # the test rig's
LOCK_SECONDS = 1  # rivals of a frozen writer wait that long for its lock, and no longer


@dataclass
class Tally:
    """What the finished trials add up to."""

    kills: dict[str, Counter[str]] = field(default_factory=lambda: _by_backend())
    freezes: dict[str, Counter[str]] = field(default_factory=lambda: _by_backend())
    figures: Counter[str] = field(default_factory=Counter)
    findings: list[dict[str, Any]] = field(default_factory=list)
    trials: int = 0
    done: set[tuple[str, bool, int]] = field(default_factory=set)

    def add(self, trial: dict[str, Any]) -> None:
        backend = trial["backend"]
        self.kills[backend] += Counter(trial["kills"])
        self.freezes[backend] += Counter(trial["freezes"])
        self.figures += Counter(trial["figures"])
        self.findings += [{**f, **_which(trial)} for f in trial["findings"]]
        self.done.add((backend, trial["freeze"], trial["seed"]))
        self.trials += 1

    def total(self, what: str, backend: str = "") -> int:
        counts: dict[str, Counter[str]] = getattr(self, what)
        return sum(count.total() for name, count in counts.items() if backend in ("", name))


def _by_backend() -> dict[str, Counter[str]]:
    return {backend: Counter() for backend in BACKENDS}


def _which(trial: dict[str, Any]) -> dict[str, Any]:
    return {name: trial[name] for name in ("backend", "freeze", "seed")}


@dataclass(frozen=True)
class Place:
    """Where one process works, and with which rig."""

    backend: str
    redis_url: str
    database_url: str
    folder: Path
    rig: str


def run(
    kills: int, freezes: int, processes: int, progress: Path, commit: str, rig: str = "sound"
) -> Tally:
    """Trials until `kills` processes have died and `freezes` were frozen, half on each database."""
    tally = _gone_before(progress, commit)
    with places(processes, rig) as spots, progress.open("a") as lines, ExitStack() as pool:
        hands = [pool.enter_context(_Hand(spot)) for spot in spots]
        free, busy = list(hands), dict[Connection, _Hand]()
        while True:
            for hand in [h for h in free if h.begin(tally, kills // 2, freezes // 2)]:
                free.remove(hand)
                busy[hand.pipe] = hand
            if not busy:
                return tally
            ready = wait(list(busy))
            for pipe in [pipe for pipe in busy if pipe in ready]:
                trial = pipe.recv()
                free.append(busy.pop(pipe))
                tally.add(trial)
                lines.write(json.dumps({"commit": commit, **trial}, ensure_ascii=False) + "\n")
                lines.flush()
                _say(tally, trial)


def _gone_before(progress: Path, commit: str) -> Tally:
    """What earlier runs of the same commit have finished."""
    tally = Tally()
    progress.parent.mkdir(parents=True, exist_ok=True)
    if progress.exists():
        for line in progress.read_text("utf-8").splitlines():
            trial = json.loads(line)
            if trial.pop("commit") == commit:
                tally.add(trial)
    return tally


def _say(tally: Tally, trial: dict[str, Any]) -> None:
    for finding in trial["findings"]:
        print("FINDING", _which(trial), finding, flush=True)
    if tally.trials % 20 == 0:
        kills, freezes = tally.total("kills"), tally.total("freezes")
        print(f"{tally.trials} trials, {kills} kills, {freezes} freezes", flush=True)


class _Hand:
    """One process at work on one place. It dies with us."""

    def __init__(self, place: Place) -> None:
        self.place = place
        spawn = get_context("spawn")
        self.pipe, theirs = spawn.Pipe()
        self._process: SpawnProcess = spawn.Process(target=_work, args=(theirs, place, getpid()))

    def __enter__(self) -> _Hand:
        self._process.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.pipe.close()
        self._process.join(30)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def begin(self, tally: Tally, kills: int, freezes: int) -> bool:
        """Start the next trial of this backend; False when enough have been."""
        backend = self.place.backend
        if tally.total("kills", backend) < kills:
            freeze = False
        elif tally.total("freezes", backend) < freezes:
            freeze = True
        else:
            return False
        seed = next(n for n in range(10**9) if (backend, freeze, n) not in tally.done)
        tally.done.add((backend, freeze, seed))
        self.pipe.send((seed, freeze))
        return True


def _work(pipe: Connection, place: Place, parent: int) -> None:
    """Trials, one after the other, until the other end closes."""
    die_with_parent(parent)
    models.database.PATIENCE_SECONDS = LOCK_SECONDS
    rig = _rig(place)
    rig.hang_picture()
    while True:
        try:
            seed, freeze = pipe.recv()
        except EOFError:
            rig.close()
            return
        pipe.send(one_trial(rig, place, seed, freeze))


def _rig(place: Place) -> SoakRig:
    return RIGS[place.rig](place.redis_url, place.database_url, place.folder)


def one_trial(rig: SoakRig, place: Place, seed: int, freeze: bool) -> dict[str, Any]:
    """One trial and its audit, as a line of the progress file."""
    began = time.monotonic()
    rig.client.flushdb()
    rig.journal = place.folder / f"journal-{'freeze' if freeze else 'kill'}-{seed}.jsonl"
    # SQLite's file is this process's own; of a name used before, rows of an earlier trial remain.
    trial = Trial(rig, seed * 2 + freeze)
    trial.run(freeze=freeze)
    stories = read_journal(rig.journal.read_text("utf-8").splitlines())
    with Stores(place.database_url, place.redis_url, "wechat:wx1", DATA_KEY) as stores:
        kept = {person: stores.kept(person) for person in stories}
    told = figures(stories, kept)
    findings = [vars(finding) for finding in audit(stories, kept)]
    if told[PUT_ASIDE]:  # no message of a trial meets more than two deaths
        findings.append({"kind": "lost", "person": trial.user, "what": "put aside too soon"})
    if not findings:
        rig.journal.unlink()
    return {
        "backend": place.backend,
        "freeze": freeze,
        "seed": seed,
        "seconds": round(time.monotonic() - began, 2),
        "kills": dict(trial.kills),
        "freezes": dict(trial.freezes),
        "figures": told,
        "findings": findings,
    }


@contextmanager
def places(count: int, rig: str) -> Iterator[Sequence[Place]]:
    """Servers for `count` processes: one Redis and one PostgreSQL, a database and a number each.

    Redis runs under the demo's own options: every write is on the disk before its answer.
    """
    with ExitStack() as stack:
        sockets = socket_folder()
        stack.callback(shutil.rmtree, sockets, ignore_errors=True)
        server = RedisProcess(sockets / "redis.sock", sockets, durable=True)
        stack.callback(server.stop)
        server.wait()
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp")))
        postgres = PostgresServer(folder)
        stack.callback(postgres.stop)
        work = Path(tempfile.mkdtemp(prefix="soak-"))
        spots = [_place(i, server.url, postgres, work, rig) for i in range(count)]
        yield spots
        if not any(work.rglob("journal-*")):
            shutil.rmtree(work)  # else the journals of what was found stay there


def _place(number: int, redis_url: str, postgres: PostgresServer, work: Path, rig: str) -> Place:
    backend = BACKENDS[number % len(BACKENDS)]
    folder = work / str(number)
    folder.mkdir()
    url = f"sqlite:///{folder / 'records.db'}"
    if backend == "postgresql":
        postgres.execute(f"CREATE DATABASE soak_{number}")
        url = postgres.url(f"soak_{number}")
    database = Database(url)
    database.upgrade()
    database.dispose()
    return Place(backend, f"{redis_url}?db={number}", url, folder, rig)


assert KEYS.newest == 1, "DATA_KEY is the rig's only key"
