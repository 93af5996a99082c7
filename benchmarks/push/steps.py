"""The site beside a worker: people whose applications are moved on while a campaign is sent."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import exists, select
from sqlalchemy.exc import OperationalError

from benchmarks.progress.filling import known
from benchmarks.push.engine import city_of, fill, settings_of, sources_since
from benchmarks.push.senders import APP, TEMPLATE, person
from bot.app import create_worker, life_of
from bot.assembly import Assembly
from bot.rate import JITTER, key_of
from bot.work.running import work_until_told
from config.settings import Settings
from models.application_states import Actor, State
from models.applications import Application
from models.database import Database
from models.people import bind
from models.push.campaigns import Campaign, go, locked
from models.push.counts import progress
from models.push.deliveries import Delivery
from models.push.stages import Stage
from tests.models.making import make_application, make_person

SINGLE = "oSingle-"
"""How the openid begins of whoever is told something alone."""
_LOOK_SECONDS = 0.05
_PATIENCE_SECONDS = 300.0


class Site:
    """What the site's process does; the worker's has the same settings and the same clock."""

    def __init__(
        self, database: Database, folder: Path, redis_url: str, port: int, rate: int
    ) -> None:
        city = city_of(folder, TEMPLATE, rate)
        given = settings_of(folder, redis_url, f"http://127.0.0.1:{port}", APP, city)
        address = database.url.set(drivername=database.url.get_backend_name())
        keys = {"data_keys": ((1, b"d" * 32),), "index_key": b"i" * 32}  # those of `make_person`
        url = address.render_as_string(hide_password=False)
        self.settings = given.model_copy(update={"database_url": url, **keys})
        self.began, self.singles = time.monotonic(), list[str]()
        self._parts = Assembly(self.settings, sources_since(self.began))
        self._life, self._applications = life_of(self._parts), dict[str, str]()
        self._database, self._campaign = database, 0
        self.refused = 0  # tries to move an application on

    @property
    def bulk_per_second(self) -> float:
        """What the campaign may send at most: its share, and what `bot.rate` leaves of that."""
        city = self._parts.city
        return city.wechat.sends_per_second * city.push.bulk_share / (1 + JITTER)

    def fill(self, people: int, singles: int) -> None:
        """A campaign under way for `people`, and `singles` others with an application under
        review."""
        self._database.upgrade()
        self._campaign = fill(self._database, APP, [person(n) for n in range(people)])
        now = self._parts.sources.clock()
        with self._database.writing() as records:
            for n in range(singles):
                who = f"{SINGLE}{n:020d}"
                account = f"wechat:{APP}:{who}"
                human = make_person(records, id_number=known(n).id_number)
                bind(records, account, human.id, now)
                application = make_application(records, human, account=account)
                self._life.advance(
                    records, application, State.UNDER_REVIEW, Actor.OFFICER, now, by="staff:1"
                )
                self._applications[who] = application.id
        self.singles = list(self._applications)
        self._parts.redis.set(key_of(f"wechat:{APP}"), "1")  # nothing was lost

    def move_on(self, who: str) -> float:
        """Approve an application, as the console does, as often as it takes. Returns the moment
        just before COMMIT."""
        while True:
            try:
                written = self._approve(who)
            except OperationalError:  # the two seconds of patience are over
                self.refused += 1
            else:
                self._parts.wake("notices")
                return written

    def _approve(self, who: str) -> float:
        with self._database.writing() as records:
            its = records.get_one(Application, self._applications[who])
            now = self._parts.sources.clock()
            self._life.advance(records, its, State.APPROVED, Actor.OFFICER, now, by="staff:1")
            written = time.monotonic()
        return written

    def sent(self) -> int:
        """To how many people the campaign was sent."""
        with self._database.reading() as records:
            return progress(records, records.get_one(Campaign, self._campaign))["sent"]

    def has_sent(self, count: int) -> bool:
        return self.sent() >= count

    def stop(self) -> None:
        """End the campaign, as staff do, unless it is at its end."""
        now = self._parts.sources.clock()
        with self._database.writing() as records:
            its = locked(records, self._campaign)
            if its.at is not Stage.DONE:
                go(records, its, Stage.STOPPED, "staff", now, by="staff:2")

    def is_calling(self) -> bool:
        """Whether a call of the campaign has no end yet."""
        with self._database.reading() as records:
            its = (Delivery.campaign_id == self._campaign, Delivery.state == "calling")
            return bool(records.scalar(select(exists().where(*its))))

    def close(self) -> None:
        self._parts.close()


@contextmanager
def run_worker(site: Site) -> Iterator[None]:
    """One worker in a process of its own, as `shebaoka work` runs it."""
    context = multiprocessing.get_context("spawn")
    worker = context.Process(target=_work, args=(site.settings, site.began), daemon=True)
    worker.start()
    try:
        yield
        if not worker.is_alive():
            raise RuntimeError("the worker ended")
    finally:
        worker.terminate()
        worker.join(30)
        if worker.is_alive():
            worker.kill()


def wait_for(what: str, condition: Callable[[], bool]) -> None:
    """Look until it holds. RuntimeError when it does not in ten minutes."""
    ends = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > ends:
            raise RuntimeError(f"waited in vain for {what}")
        time.sleep(_LOOK_SECONDS)


def _work(settings: Settings, began: float) -> None:
    work_until_told(lambda: create_worker(settings, sources_since(began)))
