"""The whole service over HTTP: people write, while its servers and processes are killed in turn."""

from __future__ import annotations

import base64
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import redis
import requests

from benchmarks.soak.journal import Journal
from benchmarks.soak.people import Applicant, JournalApi, Person
from benchmarks.soak.servers import Mortal, Ours, Postgres, Redis, WebWorker
from bot.demo.plan import free_port
from bot.demo.redis_process import socket_folder
from bot.simulator.server import start
from bot.simulator.settings import SimulatorConfig
from config.city import load_city
from models.database import Database
from tests.end_to_end.player import Webhook
from tests.rig import AES_KEY, APP_ID, OFFICE_KEY, SECRET, TOKEN

DATA_KEY = b"d" * 32
AT_ONCE = 128  # people who write at the same time
QUIET_SECONDS = 90.0  # a refused letter is tried again after a minute


@dataclass
class Plan:
    """One run: how many people, who walks the card form, how hard the fire is."""

    backend: str
    people: int = 1000
    messages: int = 12
    applicants: int = 20
    seed: int = 1
    death: float = 0.0005  # chance of a process of ours to die at each named point it passes
    pause: tuple[float, float] = (0.5, 3.0)  # seconds between two kills from outside
    fenceless: bool = False  # the negative control
    kills: Counter[str] = field(default_factory=Counter)


def run(plan: Plan) -> dict[str, Any]:
    """The run and its audit."""
    began = time.monotonic()
    with ExitStack() as stack:
        stage = Stage(plan, stack)
        stage.play()
        told = stage.audit()
    points = Counter(
        json.loads(line)["point"] for line in stage.deaths.read_text("utf-8").splitlines()
    )
    if told["findings"]:
        print(f"journal and logs of what was found: {stage.folder}")
    else:
        shutil.rmtree(stage.folder)
    return {
        "backend": plan.backend,
        "seed": plan.seed,
        "seconds": round(time.monotonic() - began, 1),
        "kills from outside": dict(plan.kills),
        "deaths at named points": dict(points),
        **told,
    }


class Stage:
    """Everything that runs during one soak of the service."""

    def __init__(self, plan: Plan, stack: ExitStack) -> None:
        self.plan, self.random = plan, random.Random(plan.seed)  # noqa: S311 - repeatable
        self.folder = Path(tempfile.mkdtemp(prefix="soak-"))
        self.deaths = self.folder / "deaths.jsonl"
        self.deaths.touch()
        self.journal = Journal(self.folder / "journal.jsonl")
        self.journal.path.touch()
        self.api = self.make_api()
        stack.callback(self.api.close)
        self._start_servers(stack)
        self.offices = start(_simulator(self.folder))
        stack.callback(self.offices.stop)
        self.port = free_port("127.0.0.1")
        self.url = f"http://127.0.0.1:{self.port}"
        self.web = self._ours("web", stack)
        self.worker = self._ours("worker", stack)
        self.ready()

    def make_api(self) -> JournalApi:
        """The platform's API, as everybody's messages see it."""
        return JournalApi(self.journal)

    def _start_servers(self, stack: ExitStack) -> None:
        sockets = socket_folder()
        stack.callback(shutil.rmtree, sockets, ignore_errors=True)
        data = self.folder / "redis"
        data.mkdir()
        self.redis = Redis(sockets / "redis.sock", data)
        stack.callback(lambda: self.redis.stop())
        self.postgres: Postgres | None = None
        self.database = f"sqlite:///{self.folder / 'records.db'}"
        if self.plan.backend == "postgresql":
            place = stack.enter_context(tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp"))
            self.postgres = Postgres(Path(place))
            stack.callback(self.postgres.stop)
            self.postgres.execute("CREATE DATABASE soak")
            self.database = self.postgres.url("soak")
        database = Database(self.database)
        database.upgrade()
        database.dispose()

    def _ours(self, name: str, stack: ExitStack) -> Ours:
        process = Ours(name, self._environment(), self.folder / f"{name}.log")
        stack.callback(process.stop)
        return process

    def _environment(self) -> dict[str, str]:
        offices = f"{self.offices.url}/offices"
        settings = {
            "port": str(self.port),
            "data_dir": str(self.folder),
            "redis_url": self.redis.url,
            "database_url": self.database,
            "secret_key": "soak" * 8,
            "data_keys": f"1:{base64.b64encode(DATA_KEY).decode()}",
            "index_key": base64.b64encode(b"i" * 32).decode(),
            "wechat_app_id": APP_ID,
            "wechat_app_secret": SECRET,
            "wechat_token": TOKEN,
            "wechat_aes_key": AES_KEY,
            "wechat_api_base": self.api.url,
            "office_key": OFFICE_KEY,
            "public_url": "http://127.0.0.1",
            **{f"{name}_url": f"{offices}/{name}" for name in _OFFICES},
        }
        ours = {f"SHEBAOKA_{name.upper()}": value for name, value in settings.items()}
        fire = {"SOAK_DEATH": str(self.plan.death), "SOAK_DEATHS": str(self.deaths)}
        control = {}
        if self.plan.fenceless:
            control = {"SOAK_FENCELESS": "1", "SOAK_POINT": "after sql commit"}
        others = {k: v for k, v in os.environ.items() if not k.startswith("SHEBAOKA_")}
        return {**others, **ours, **fire, **control, "PYTHONUNBUFFERED": "1"}

    # --- the run ------------------------------------------------------------------------

    def play(self) -> None:
        """Everybody writes; the fire lasts until those with messages are done, for who walks the
        card form waits for a worker that lives some seconds. Then each asks what was seen."""
        people = [self._person(number) for number in range(self.plan.people)]
        applicants = [self._applicant(number) for number in range(self.plan.applicants)]
        with ThreadPoolExecutor(AT_ONCE + len(applicants)) as pool:
            applying = [pool.submit(applicant.apply) for applicant in applicants]
            writing = [pool.submit(person.converse, self.plan.messages) for person in people]
            self._burn(writing)
            self.ready()
            self.tend([*writing, *applying])
            self.tend([pool.submit(person.ask) for person in people])
        self.wait_for_quiet()

    def _burn(self, writing: Sequence[Future[None]]) -> None:
        """Kill one thing after the other, and start it again, until all have written."""
        while not all(each.done() for each in writing):
            for victim in self._victims():
                time.sleep(self.random.uniform(*self.plan.pause))
                if all(each.done() for each in writing):
                    return
                self.strike(victim)

    def _victims(self) -> list[Mortal]:
        database: Mortal = self.postgres or WebWorker(self.web)
        victims = [self.redis, database, WebWorker(self.web), self.worker, self.web]
        self.random.shuffle(victims)
        done = sum(self.plan.kills.values())
        print(f"{done} kills, {_lines(self.journal.path)} lines of journal", flush=True)
        return victims

    def strike(self, victim: Mortal) -> None:
        victim.kill()
        self.plan.kills[victim.name] += 1
        time.sleep(self.random.choice((0.0, 0.0, self.random.uniform(0, 1))))
        victim.start()
        self.revive()

    def revive(self) -> None:
        """A process that has died at a named point is started again, as a supervisor does."""
        for process in (self.web, self.worker):
            if process.has_ended():
                process.start()

    def tend(self, going: Sequence[Future[Any]]) -> None:
        """Wait for the end of these; what dies at a named point meanwhile is started again."""
        while not all(each.done() for each in going):
            self.revive()
            time.sleep(0.2)
        for each in going:
            each.result()

    def ready(self, seconds: float = 60.0) -> None:
        """Return when the site answers and everything behind it does."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.revive()
            try:
                if requests.get(f"{self.url}/readyz", timeout=2).status_code == 200:
                    return
            except requests.RequestException:
                pass
            time.sleep(0.1)
        raise RuntimeError(f"the site does not become ready; its log is in {self.folder}")

    def wait_for_quiet(self) -> None:
        """Until nobody's mailbox is to be emptied any more."""
        until = time.monotonic() + QUIET_SECONDS
        with redis.Redis.from_url(self.redis.url) as client:
            while client.zcard("{shebaoka:drains}") and time.monotonic() < until:
                self.revive()
                time.sleep(0.2)

    def audit(self) -> dict[str, Any]:
        """What the auditor, a program of its own, says."""
        told = subprocess.run(  # noqa: S603
            [
                *(sys.executable, "-m", "benchmarks.soak.auditor"),
                *("--journal", str(self.journal.path), "--account", f"wechat:{APP_ID}"),
                *("--database", self.database, "--redis", self.redis.url),
                *("--key", base64.b64encode(DATA_KEY).decode()),
            ],
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        report: dict[str, Any] = json.loads(told.stdout)
        return report

    # --- who writes ---------------------------------------------------------------------

    def webhook(self) -> Webhook:
        return Webhook(self.url, APP_ID, TOKEN, AES_KEY, "safe", lambda: datetime.now(UTC))

    def _person(self, number: int) -> Person:
        name, seed = f"oSoak{number:023d}", self.plan.seed * 100_000 + number
        return Person(self.webhook(), self.api, name, seed, self.journal)

    def _applicant(self, number: int) -> Applicant:
        name, seed = f"oCard{number:023d}", self.plan.seed * 100_000 + number
        phone, sms = f"1390000{5000 + number}", f"{self.offices.url}/simulator/api/sms"
        given = (self.webhook(), self.api, name, seed, self.journal)
        return Applicant(*given, phone=phone, sms=sms)


_OFFICES = ("identity", "portraits", "card_making", "sms")


def _simulator(folder: Path) -> SimulatorConfig:
    place = folder / "simulator"
    place.mkdir()
    return SimulatorConfig(
        webhook="http://127.0.0.1:1",
        app_id=APP_ID,
        app_secret=SECRET,
        token=TOKEN,
        aes_key=AES_KEY,
        office_key=OFFICE_KEY,
        folder=place,
        sms_templates={template.id: template.text for template in load_city().sms.values()},
    )


def _lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)
