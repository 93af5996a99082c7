"""What start-up hands the API: the conversation, the records, and the mini programs it serves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from bot.dialogue.messages import AccountKey, Media, Update
from bot.limits import Limits
from bot.sessions import Transcripts
from bot.turn import Said
from config.city import City
from config.locales import Texts
from config.templates import Templates
from models.database import Database
from models.progress import Progress
from models.sealing import Keyring


class Refused(Exception):
    """The platform does not know this code (any more), or it is another app's: a new one helps."""


class PlatformAway(Exception):
    """The platform did not answer, or not as agreed: later it may. `reason` is for the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Program(Protocol):
    """One mini program, as its platform knows it. Which it is follows from the path that is
    called, and who visits it from the platform's answer: nobody names themselves."""

    @property
    def channel(self) -> str:
        """`mini_wechat` or `mini_alipay`."""

    @property
    def templates(self) -> Mapping[str, str]:
        """What people may subscribe to: the platform's ids by the names of our wordings."""

    def visitor(self, code: str) -> AccountKey:
        """Who asks, for a login code, which is good once. Raises `Refused`, `PlatformAway`."""

    def phone(self, account: AccountKey, given: Mapping[str, str]) -> str:
        """The visitor's number, for what the platform's button gave the front end. Raises
        `Refused`, `PlatformAway`."""


class Told(Protocol):
    """An application's progress in words, masked as its channel masks."""

    @property
    def name(self) -> str: ...
    @property
    def headline(self) -> str: ...
    @property
    def words(self) -> tuple[str, ...]: ...
    @property
    def happened(self) -> tuple[str, ...]: ...
    @property
    def detail(self) -> str: ...
    @property
    def late(self) -> str: ...
    @property
    def bring(self) -> str: ...


class Telling(Protocol):
    """Puts progress into words of one language, for one channel."""

    def told(self, progress: Progress) -> Told: ...


class Uploads(Protocol):
    """Pictures that people send us, for an hour and for nobody but the account that sent them."""

    def keep(self, account: AccountKey, upload_id: str, image: bytes) -> Media:
        """Take it in. Raises `bot.ports.PhotoFault`."""

    def media_of(self, account: AccountKey, upload_id: str) -> Media | None:
        """What an update names it by; None when this account has no such picture."""


@dataclass(frozen=True, slots=True)
class Doors:
    """Everything the API is made with. `programs` by the last part of the paths they log in at:
    wechat, alipay. `proxies` of ours stand before the site."""

    answer: Callable[[Update], Said]
    transcripts: Transcripts
    database: Database
    keys: Keyring
    city: City
    texts: Texts
    clock: Callable[[], datetime]
    site: str
    programs: Mapping[str, Program]
    telling: Callable[[str, str], Telling]
    uploads: Uploads
    new_id: Callable[[], str]
    limits: Limits
    proxies: int
    templates: Templates
    rungs: Mapping[str, Sequence[str]]  # of each channel that is served, the best first

    def today(self) -> date:
        """The day in the city."""
        return self.clock().astimezone(self.city.tz).date()
