"""Background work: what a conversation may ask for, and what it holds while it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session as Records

from bot.dialogue.messages import AccountKey, Media
from bot.ports.offices import Offices
from bot.ports.photos import Photo
from config.city import City
from models.documents import ObjectStore
from models.sealing import Keyring


class Desk(Protocol):
    """What a job may hold while it runs in the worker. No transaction is open."""

    @property
    def job_id(self) -> str: ...
    @property
    def account(self) -> AccountKey: ...
    @property
    def payload(self) -> Mapping[str, Any]: ...
    @property
    def offices(self) -> Offices: ...
    @property
    def objects(self) -> ObjectStore: ...
    @property
    def keys(self) -> Keyring: ...
    @property
    def city(self) -> City: ...
    @property
    def now(self) -> datetime: ...
    def writing(self) -> AbstractContextManager[Records]: ...
    def reading(self) -> AbstractContextManager[Records]: ...
    def fetch_photo(self, media: Media) -> Photo:
        """A picture a person sent, safe and re-encoded. Raises `PhotoFault`, `OfficeError`."""

    def safe_photo(self, image: bytes) -> Photo:
        """A picture from elsewhere, put through the same checks. Raises `PhotoFault`."""

    def report(self, data: Mapping[str, Any]) -> None:
        """Tell the conversation something before the job is done (a RESULT of its own)."""


@dataclass(frozen=True, slots=True)
class JobSpec:
    """One kind of background work. `run` returns what the RESULT's `data` will be.

    An `OfficeError` is tried again, `attempts` times in all; then the data are
    `{"error": "unavailable"}`.
    """

    name: str
    run: Callable[[Desk], Mapping[str, Any]]
    attempts: int = 3
    limit: float = 30.0  # seconds; the claim's lease
    heavy: bool = False  # it computes for seconds, where others mostly wait for an office


MUST_ARRIVE = "must_arrive"
"""In a result's data: what it holds is nowhere else, so that no outage may cost it."""
