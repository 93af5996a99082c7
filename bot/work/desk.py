"""What a job holds while it runs: `bot.ports.Desk`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session as Records

from bot.dialogue.messages import AccountKey, Media
from bot.ports import Channel, OfficeError, Offices, Photo, SendError, Sources
from bot.sessions import ParkedMarks
from bot.work.pace import Pace
from config.city import City
from config.locales import Texts
from config.templates import Templates
from models.database import Database
from models.documents import ObjectStore
from models.sealing import Keyring

_FETCH_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Tools:
    """What every job is given, set once when the worker starts.

    `open_photo` checks and re-encodes a picture by the city's limits, or raises `PhotoFault`.
    """

    database: Database
    keys: Keyring
    city: City
    texts: Texts
    templates: Templates
    sources: Sources
    offices: Offices
    channels: Mapping[str, Channel]
    objects: ObjectStore
    open_photo: Callable[[bytes], Photo]
    marks: ParkedMarks
    pace: Pace


@dataclass(slots=True)
class JobDesk:
    """The desk of one run of one job. `tell` delivers a result's data under a number."""

    job_id: str
    account: AccountKey
    payload: Mapping[str, Any]
    tools: Tools
    tell: Callable[[int, Mapping[str, Any]], None]
    told: int = field(default=0, init=False)

    @property
    def offices(self) -> Offices:
        return self.tools.offices

    @property
    def objects(self) -> ObjectStore:
        return self.tools.objects

    @property
    def keys(self) -> Keyring:
        return self.tools.keys

    @property
    def city(self) -> City:
        return self.tools.city

    @property
    def now(self) -> datetime:
        return self.tools.sources.clock().astimezone(self.city.tz)

    def writing(self) -> AbstractContextManager[Records]:
        return self.tools.database.writing()

    def reading(self) -> AbstractContextManager[Records]:
        return self.tools.database.reading()

    def fetch_photo(self, media: Media) -> Photo:
        channel = self.tools.channels[self.account.channel]
        try:
            data = channel.fetch(media, self.city.photo.max_bytes, _FETCH_SECONDS)
        except SendError as error:
            retry = error.reason in ("transient", "unknown")
            raise OfficeError(channel.name, error.reason, retry=retry) from None
        return self.tools.open_photo(data)

    def safe_photo(self, image: bytes) -> Photo:
        return self.tools.open_photo(image)

    def report(self, data: Mapping[str, Any]) -> None:
        # Numbered from one in every run, so that a run after a crash tells nothing twice.
        self.told += 1
        self.tell(self.told, data)
