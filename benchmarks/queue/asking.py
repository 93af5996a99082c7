"""What the console asks of the queue, each in a transaction of its own, as a page does it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from benchmarks.queue.filling import HOLDER
from config.city import City
from config.locales import Texts
from models.database import Database
from models.lifecycle import Lifecycle
from models.review.claims import next_for, peek, release
from models.review.items import Lane, ReviewItem, Status
from models.review.listing import After, Filters, count_of, page_of
from models.review.places import count_queues, place_in_queue
from models.sealing import Keyring
from models.staff import Role, Staff

NOW = datetime(2026, 11, 23, 2, 4, tzinfo=UTC)


class Asking:
    """One queue, and an officer and a supervisor who work on it."""

    def __init__(self, database: Database, keys: Keyring, city: City) -> None:
        ids = count(1)
        texts = Texts.load(city)
        self._database, self._city = database, city
        self._life = Lifecycle(keys, city, texts, lambda: f"{next(ids):032x}")
        east = city.districts[0].code
        self._officer, self._chief = self._staff("officer", east), self._staff("chief")
        self._waiting = self._a_waiting_one()
        self.ways: Mapping[str, Callable[[], float]] = {
            "page": partial(self._page, Filters()),
            "page in the middle": partial(self._page, Filters(), self._middle()),
            "page of a district": partial(self._page, Filters(district=east)),
            "page of a lane": partial(self._page, Filters(lane=Lane.DIFFICULT)),
            "page of what is claimed": partial(self._page, Filters(status=Status.CLAIMED)),
            "page of one person's": partial(self._page, Filters(holder=HOLDER)),
            "a count": self._count,
            "next of a district": partial(self._next, self._officer),
            "next of all": partial(self._next, self._chief),
            "the one after": self._peek,
            "a place in it": self._place,
        }

    def _staff(self, name: str, *districts: str) -> Staff:
        staff = Staff(
            id=name.ljust(32, "0"),
            login=name,
            name=name,
            roles=[Role.REVIEWER.value],
            districts=list(districts),
            password_hash="",
            created_at=NOW,
        )
        with self._database.writing() as records:
            return records.merge(staff)

    def _a_waiting_one(self) -> str:
        with self._database.writing() as records:
            count_queues(records, self._city, NOW)
            waiting = select(ReviewItem.application_id).where(ReviewItem.status == "waiting")
            return records.scalars(waiting.order_by(ReviewItem.promised.desc()).limit(1)).one()

    def _middle(self) -> After:
        with self._database.reading() as records:
            item = records.get_one(ReviewItem, self._waiting)
            return After(item.promised, item.arrived_at, "")

    def _read(self, ask: Callable[[Records], Any]) -> float:
        began = time.perf_counter()
        with self._database.reading() as records:
            ask(records)
        return time.perf_counter() - began

    def _page(self, filters: Filters, after: After | None = None) -> float:
        return self._read(lambda records: page_of(records, self._chief, filters, after))

    def _count(self) -> float:
        return self._read(lambda records: count_of(records, self._chief, Filters()))

    def _peek(self) -> float:
        return self._read(lambda records: peek(records, self._officer))

    def _place(self) -> float:
        return self._read(lambda r: place_in_queue(r, self._city, self._waiting, NOW))

    def _next(self, staff: Staff) -> float:
        """Claimed and committed; given back afterwards, which is not counted."""
        began = time.perf_counter()
        with self._database.writing() as records:
            item = next_for(records, self._life, staff, NOW)
        seconds = time.perf_counter() - began
        assert item is not None
        with self._database.writing() as records:
            release(records, self._life, staff, item.application_id, NOW)
        return seconds
