"""Where it plays: a PostgreSQL that can be killed, the simulator's province and bank in a process
of their own, and children that do what the site and the worker do to the hand-over."""

from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests

from benchmarks.soak.servers import Postgres
from bot.demo.plan import free_port
from bot.handover.destinations import destinations_of
from bot.handover.lane import HandoverLane
from bot.simulator.server import start
from bot.simulator.settings import SimulatorConfig
from bot.work.lane import Lane
from config.city_handover import Handover, Way
from models.application_states import Actor, State
from models.applications import Application
from models.database import Database
from models.documents import FileObjects
from models.lifecycle import Lifecycle
from tests.bot.turn.processes import Child, forked
from tests.models.handover.making import ANSWERS, CITY, LIFE
from tests.models.making import KEYS, make_application, make_person, new_id
from tests.rig import AES_KEY, APP_ID, OFFICE_KEY, SECRET, TOKEN, Clock, addresses, rig_settings
from tests.rig_making import making_settings, the_makers

_HOURS = tuple(time(hour) for hour in range(24))
STYLE = Handover(
    province=Way(cut_offs=_HOURS, photos=False, largest=3),
    bank=replace(CITY.handover.bank, cut_offs=_HOURS),
    call_seconds=5,
)
SPEEDS = dict.fromkeys(("province", "bank", "factory", "centre", "branch"), 1)


def _new_id() -> str:
    """Different in every child, unlike the tests'."""
    return uuid4().hex


class Stage:
    """Its clock is the real one and `days` more; children inherit it as it stands."""

    def __init__(self, stack: ExitStack) -> None:
        self.clock = Clock(datetime(2026, 11, 23, 2, 4, tzinfo=UTC))
        self.folder = Path(tempfile.mkdtemp(prefix="soak-"))
        stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.last_point = self.folder / "last-point"  # where a child was when it killed itself
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp")))
        self.postgres = Postgres(place)
        stack.callback(self.postgres.stop)
        self.url = f"http://127.0.0.1:{free_port('127.0.0.1')}"
        self.makers = the_makers()  # before the fork: it draws the keys
        office = forked(self._simulate)
        stack.callback(office.bury)
        places = {**addresses(self.url), **making_settings(self.url)}
        self.postgres.execute("CREATE DATABASE soak")
        self.settings = rig_settings(
            self.folder, "redis://127.0.0.1:1", self.postgres.url("soak"), **places
        )
        self.database = Database(self.settings.database)
        stack.callback(self.database.dispose)
        self.database.upgrade()
        self.life = Lifecycle(KEYS, replace(CITY, handover=STYLE), LIFE.texts, _new_id)
        self._wait()
        self.ask("cards/speeds", "put", **SPEEDS)

    def _simulate(self) -> None:
        """The province and the bank, until they are killed."""
        place = self.folder / "simulator"
        place.mkdir()
        config = SimulatorConfig(
            webhook="http://127.0.0.1:1",
            app_id=APP_ID,
            app_secret=SECRET,
            token=TOKEN,
            aes_key=AES_KEY,
            office_key=OFFICE_KEY,
            folder=place,
            card_making=self.makers,
            clock=self.clock,
            pass_time=self.clock.shift,
        )
        start(config, port=int(self.url.rpartition(":")[2]))
        signal.pause()

    def _wait(self) -> None:
        until = self.clock() + timedelta(seconds=30)
        while True:
            try:
                self.ask("cards")
                return
            except requests.ConnectionError:
                if self.clock() > until:
                    raise

    def ask(self, path: str, method: str = "get", **body: Any) -> Any:
        """The simulator's scripts."""
        address = f"{self.url}/simulator/api/{path}"
        answer = requests.request(method, address, json=body, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def pass_day(self) -> None:
        self.ask("days", "post", days=1)
        self.clock.shift(timedelta(days=1))

    def submit(self, count: int) -> list[str]:
        """Applications that an officer is about to approve."""
        with self.database.writing() as records:
            holder = make_person(records)
            made = [
                make_application(
                    records,
                    holder,
                    answers=ANSWERS,
                    holder_proven=False,
                    number=f"YZ{new_id()[-20:]}",
                    district="119901",
                    bank="CCB",
                    branch="CCB-01",
                    delivery="pickup",
                )
                for _ in range(count)
            ]
            for one in made:
                self._advance(records, one, State.UNDER_REVIEW)
            return [one.id for one in made]

    # --- children -----------------------------------------------------------------------

    def web(self, ids: Sequence[str], hook: Callable[[str], None]) -> Child:
        """What the site does: an officer approves one after the other, each in a transaction."""

        def approve() -> str:
            database = self._afresh()
            for one in ids:
                with database.writing() as records:
                    application = records.get(Application, one)
                    assert application is not None
                    if application.state == State.UNDER_REVIEW:
                        self._advance(records, application, State.APPROVED)
                    hook("being approved")
                hook("approved")
            return "done"

        return forked(approve)

    def worker(self, hook: Callable[[str], None]) -> Child:
        """What the worker does: its lane, until there is nothing to do, or the database is away."""

        def work() -> str:
            lane = HandoverLane(
                destinations_of(self.settings, STYLE),
                self._afresh(),
                self.life,
                FileObjects(self.folder / "objects"),
                self.clock,
                _new_id(),
                hook,
            )
            running = Lane("hand-over", lane.claim, threads=1)
            while running.run_once():
                pass
            return "done"

        return forked(work)

    def _afresh(self) -> Database:
        """A forked child leaves its parent's connections alone."""
        self.database.dispose(close=False)
        return Database(self.settings.database)

    def _advance(self, records: Any, application: Application, to: State) -> None:
        self.life.advance(records, application, to, Actor.OFFICER, self.clock(), by="staff:soak")
