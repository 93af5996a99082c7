"""What a turn is made with: the things that are the same for every update."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.dialogue.messages import Reply
from bot.dialogue.state import Session
from bot.ports import Budget, Channel, Handle, Sources
from bot.sessions import Head
from config.city import City
from config.locales import Texts
from config.reasons import Reason
from config.templates import Templates
from models.database import Database
from models.documents import ObjectStore
from models.sealing import Keyring

Hook = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Parts:
    """Set once when the application starts. `hook` is called at the points of the crash table."""

    database: Database
    keys: Keyring
    city: City
    texts: Texts
    templates: Templates
    sources: Sources
    handle: Handle
    channels: Mapping[str, Channel]
    objects: ObjectStore
    watermark: Callable[[bytes, str], bytes]
    wake: Callable[[str], None]
    hook: Hook
    reasons: Mapping[str, Reason]

    def now(self) -> datetime:
        return self.sources.clock().astimezone(self.city.tz)

    def apology(self, session: bytes = b"") -> Reply:
        """The plain apology in the conversation's language."""
        locale = Session.from_json(session).locale
        return Reply(self.texts.say(locale, "apology"), locale=locale)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at one head.

    `again`: somebody may have tried before, so the row is asked first and written in any case.
    `own`: the head is the update of the request that holds the lease. `lease_end` is in seconds
    of `budget.monotonic`.
    """

    head: Head
    again: bool
    own: bool
    budget: Budget
    lease_end: float

    def lease_left(self) -> float:
        return self.lease_end - self.budget.monotonic()
