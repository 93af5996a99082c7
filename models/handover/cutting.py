"""Cutting a batch: the applications that are due become lines, and move on, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session as Records

from config.calendar import Calendar
from config.city_handover import Way
from models.application_states import Actor, State
from models.applications import Application, note, open_answers
from models.branch_closing import settle_branch
from models.database import one_worker_at_a_time
from models.documents import Document
from models.handover.batches import (
    Batch,
    BatchLine,
    Block,
    Destination,
    Kind,
    add_line,
    next_name,
)
from models.handover.items import items_of
from models.lifecycle import Lifecycle

Check = Callable[[dict[str, str]], str]
"""Why these items cannot be handed over, as a code; "" when they can."""

Fit = tuple[Application, dict[str, str], str]
"""An application with its items and the document of its photo."""

_AGAIN = (State.PRODUCTION_FAILED.value,)
WANTED: Mapping[Destination, Sequence[str]] = {
    "province": (State.APPROVED.value, *_AGAIN),
    "bank": (State.BANK_OPENING.value,),
}
"""Where an application stands that goes to a destination."""
_DAYS_BACK = 30  # the longest holidays are shorter


def last_cut_off(way: Way, calendar: Calendar, tz: ZoneInfo, now: datetime) -> datetime | None:
    """What was due by then goes now: the last cut-off of a working day, or this very moment on
    line."""
    if way.mode == "online":
        return now
    local = now.astimezone(tz)
    for back in range(_DAYS_BACK):
        day = local.date() - timedelta(days=back)
        if calendar.is_working_day(day):
            passed = [m for m in _moments(day, way.cut_offs, tz) if m <= local]
            if passed:
                return max(passed)
    return None


def _moments(day: date, times: Iterable[clock_time], tz: ZoneInfo) -> Iterator[datetime]:
    for time in times:
        yield datetime.combine(day, time, tz)


@dataclass(frozen=True, slots=True)
class Cutting:
    """Makes batches for one destination."""

    life: Lifecycle
    way: Way
    destination: Destination
    check: Check

    def cut(self, records: Records, now: datetime) -> Batch | None:
        """The next batch of what is due, or None. Applications that somebody else holds at this
        moment are left to the next one."""
        city = self.life.city
        until = last_cut_off(self.way, city.calendar, city.tz, now)
        if until is None:
            return None
        first = records.scalars(self._due(until).limit(1)).first()
        if first is None:
            return None
        kind, bank = self._kind(records, first), self._bank(first)
        due = (
            self._due(until).limit(self._largest).with_for_update(skip_locked=True, of=Application)
        )
        alike = due.where(Application.bank == bank) if bank else due
        held = alike.execution_options(populate_existing=True)
        found = [a for a in self._free(records, held) if self._kind(records, a) == kind]
        fit = self.fit(records, found, now)
        return self.make(records, fit, kind, bank, now) if fit else None

    def fit(
        self, records: Records, applications: Sequence[Application], now: datetime
    ) -> list[Fit]:
        """Those that can be handed over; who cannot is set aside and noted."""
        return [
            (application, *told)
            for application in applications
            if (told := self._content(records, application, now)) is not None
        ]

    def make(
        self, records: Records, fit: Sequence[Fit], kind: Kind, bank: str, now: datetime
    ) -> Batch:
        """A batch of these, who have no other line under way."""
        batch = self._batch(records, kind, bank, len(fit), now)
        for line, (application, items, photo) in enumerate(fit, 1):
            add_line(records, self.life.keys, batch, line, items, photo)
            self._move(records, application, batch, now)
        records.flush()
        return batch

    # --- small parts --------------------------------------------------------------------

    @property
    def _under_way(self) -> ColumnElement[bool]:
        return and_(BatchLine.destination == self.destination, BatchLine.open)

    def _free(self, records: Records, due: Select[Application]) -> list[Application]:
        """Held now, and looked at once more: another may have cut some of them while we waited,
        which moves none of those that go to a bank."""
        held = list(records.scalars(due))
        mine = BatchLine.application_id.in_([application.id for application in held])
        gone = set(records.scalars(select(BatchLine.application_id).where(mine, self._under_way)))
        return [application for application in held if application.id not in gone]

    @property
    def _largest(self) -> int:
        return 1 if self.way.mode == "online" else self.way.largest

    def _due(self, until: datetime) -> Select[Application]:
        """The longest waiting first. A failure of the making goes again at once."""
        under_way = select(BatchLine.batch_id).where(
            BatchLine.application_id == Application.id, self._under_way
        )
        blocked = select(Block.code).where(
            Block.application_id == Application.id, Block.destination == self.destination
        )
        free = and_(~under_way.exists(), ~blocked.exists())
        due = and_(Application.state.in_(WANTED[self.destination]), free)
        due = and_(due, Application.state_since <= until)
        return select(Application).where(due).order_by(Application.state_since, Application.id)

    def _kind(self, records: Records, application: Application) -> Kind:
        """A second time to the same destination is another kind of file."""
        if application.state in _AGAIN:
            return "REP"
        earlier = select(BatchLine.batch_id).where(
            BatchLine.application_id == application.id, BatchLine.destination == self.destination
        )
        return "ORD" if records.scalar(earlier.limit(1)) is None else "REP"

    def _bank(self, application: Application) -> str:
        return application.bank if self.destination == "bank" else ""

    def _batch(self, records: Records, kind: Kind, bank: str, count: int, now: datetime) -> Batch:
        """A row under the next name. Names are drawn by one transaction at a time."""
        city = self.life.city
        one_worker_at_a_time(records, "handover_batches")
        batch = Batch(
            id=next_name(records, city.region, now.astimezone(city.tz).date(), kind),
            destination=self.destination,
            bank=bank,
            kind=kind,
            form=self.way.form,
            suite=self.way.suite,
            photos=self.way.photos,
            count=count,
            cut_at=now,
            due_at=now,
        )
        records.add(batch)
        records.flush()
        return batch

    def _content(
        self, records: Records, application: Application, now: datetime
    ) -> tuple[dict[str, str], str] | None:
        settle_branch(records, self.life, application, self._comes(now), now)
        answers = open_answers(application, self.life.keys)
        items = items_of(application, answers, self.life.city)
        photo = _photo_of(answers) if self.way.photos else ""
        code = self.check(items) or self._fault_of_photo(records, photo)
        if not code:
            return items, photo
        self._block(records, application, code, now)
        return None

    def _comes(self, now: datetime) -> date:
        """When a card that is ordered now is at its branch; what the bank does goes beside it."""
        city = self.life.city
        today = now.astimezone(city.tz).date()
        return today if self.destination == "bank" else city.promise(today, city.days.making)

    def _fault_of_photo(self, records: Records, photo: str) -> str:
        if not photo:
            return ""
        document = records.get(Document, photo)
        if document is None:
            return "no_photo"
        if document.media_type != "image/jpeg":
            return "photo_type"
        return "large_photo" if document.size > self.life.city.handover.photo_bytes else ""

    def _block(self, records: Records, application: Application, code: str, now: datetime) -> None:
        records.merge(
            Block(application_id=application.id, destination=self.destination, code=code, at=now)
        )
        note(
            records, application, "not_handed_over", Actor.BATCH, now,
            by=self.destination, reason=code,
        )  # fmt: skip

    def _move(
        self, records: Records, application: Application, batch: Batch, now: datetime
    ) -> None:
        by = f"batch:{batch.id}"
        if application.state == State.APPROVED:
            self.life.advance(records, application, State.SENT_TO_PROVINCE, Actor.BATCH, now, by=by)
        elif application.state in _AGAIN:
            self.life.advance(
                records, application, State.IN_PRODUCTION, Actor.TIMER, now, by=by, quiet=True
            )
        else:
            note(records, application, "handed_over", Actor.BATCH, now, by=by)


def _photo_of(answers: dict[str, Any]) -> str:
    """The portrait's document; "" for children who need none."""
    portrait = answers.get("portrait")
    found = portrait.get("document") if isinstance(portrait, dict) else None
    return found if isinstance(found, str) else ""
