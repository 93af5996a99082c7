"""A hand-over against the simulator's province and bank, over HTTP, its lane driven by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests
from sqlalchemy.orm import Session as Records

from bot.handover.destinations import destinations_of
from bot.handover.lane import HandoverLane
from bot.simulator.server import start
from bot.simulator.settings import SimulatorConfig
from config.city import City
from config.city_handover import Handover, Way
from config.settings import Settings
from models.applications import Application
from models.database import Database
from models.documents import FileObjects, add_document
from models.lifecycle import Lifecycle
from tests.models.handover.making import CITY, LIFE, approved
from tests.models.making import KEYS, new_id
from tests.rig import (
    AES_KEY,
    APP_ID,
    OFFICE_KEY,
    SECRET,
    TOKEN,
    Clock,
    addresses,
    rig_settings,
)
from tests.rig_making import making_settings, the_makers

ONLINE = Handover(province=Way(mode="online"), bank=replace(CITY.handover.bank, mode="online"))
JPEG = b"\xff\xd8\xff\xe0 a portrait \xff\xd9"


class Rig:
    """The service's side: records and lanes; the simulator's is asked over HTTP."""

    def __init__(
        self, settings: Settings, database: Database, folder: Path, clock: Clock, style: Handover
    ) -> None:
        self.settings, self.database, self.clock = settings, database, clock
        self.city: City = replace(CITY, handover=style)
        self.life = Lifecycle(KEYS, self.city, LIFE.texts, new_id)
        self.objects = FileObjects(folder / "objects")
        self.simulator = settings.card_making_url.removesuffix("/offices/card_making")

    def lane(self, hook: Callable[[str], None] = lambda point: None) -> HandoverLane:
        """A worker's lane; several may work at once."""
        return HandoverLane(
            destinations_of(self.settings, self.city.handover),
            self.database,
            self.life,
            self.objects,
            self.clock,
            new_id(),
            hook,
        )

    def work(self, lane: HandoverLane | None = None) -> None:
        """Everything there is to do now, by a lane that has just started: it fetches at once."""
        lane = lane or self.lane()
        while (work := lane.claim()) is not None:
            work()

    def approve(
        self, count: int = 1, *, answers: dict[str, Any] | None = None, **other: Any
    ) -> list[str]:
        """Applications that wait to be handed over; their ids."""
        ids = []
        with self.database.writing() as records:
            for _ in range(count):
                document = new_id()
                self._hang(records, document)
                given = {**(answers or {}), "portrait": {"document": document}}
                ids.append(approved(records, answers=given, **other).id)
        return ids

    def _hang(self, records: Records, document: str) -> None:
        add_document(
            records,
            KEYS,
            self.objects,
            document_id=document,
            kind="portrait",
            image=JPEG,
            media_type="image/jpeg",
            width=358,
            height=441,
            draft_id=None,
            expires_at=None,
            now=self.clock(),
        )

    def state(self, application: str) -> str:
        return self.states([application])[0]

    def states(self, ids: list[str]) -> list[str]:
        with self.database.reading() as records:
            found = [records.get(Application, one) for one in ids]
        return [one.state for one in found if one is not None]

    def ask(self, path: str, method: str = "get", **body: Any) -> Any:
        """The simulator's scripts."""
        answer = requests.request(
            method, f"{self.simulator}/simulator/api/{path}", json=body, timeout=30
        )
        assert answer.ok, answer.text
        return answer.json()

    def days(self, count: int = 1) -> None:
        """So many days at the province and the bank, our work at the end of each."""
        for _ in range(count):
            self.ask("days", "post", days=1)
            self.work()


@contextmanager
def handing_over(
    folder: Path, database: Database, style: Handover = ONLINE, **settings: Any
) -> Iterator[Rig]:
    clock = Clock(datetime(2026, 11, 23, 2, 4, tzinfo=UTC))
    place = folder / "simulator"
    place.mkdir(exist_ok=True)
    simulator = start(
        SimulatorConfig(
            webhook="http://127.0.0.1:1",
            app_id=APP_ID,
            app_secret=SECRET,
            token=TOKEN,
            aes_key=AES_KEY,
            office_key=OFFICE_KEY,
            folder=place,
            card_making=the_makers(),
            clock=clock,
            pass_time=clock.shift,
        )
    )
    places = {**addresses(simulator.url), **making_settings(simulator.url), **settings}
    given = rig_settings(folder, "redis://127.0.0.1:1", f"sqlite:///{folder}/unused.db", **places)
    try:
        yield Rig(given, database, folder, clock, style)
    finally:
        simulator.stop()
