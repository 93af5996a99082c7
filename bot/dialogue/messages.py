"""What goes in and what comes out: `Update` and `Reply`, the same for every channel."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

_USER = re.compile(r"[\w-]{1,128}", re.ASCII)


class Kind(StrEnum):
    """What sort of thing arrived. Everything a person can send has a kind; nothing is dropped."""

    TEXT = "text"
    IMAGE = "image"
    VOICE = "voice"  # `text` holds what the platform recognised, or nothing
    LOCATION = "location"
    PHONE = "phone"  # a number of the person that the platform vouches for, in `text`
    LINK = "link"
    VIDEO = "video"
    OTHER = "other"  # a message of a kind we do not read: sticker, file, card …
    CLICK = "click"  # a menu key in `key`; `text` what its camera read, if it opened one
    SUBSCRIBE = "subscribe"  # `key` holds the scene of the QR code, if any
    UNSUBSCRIBE = "unsubscribe"
    SCAN = "scan"
    ENTER = "enter"  # the chat of a mini program was opened; `key` names the page it came from
    CREDITS = "credits"  # asked for messages: `data` accepted {template: how many}, refused [...]
    DELIVERY = "delivery"  # what became of a sent message: `key` its id there, `data` the result
    MASS = "mass"  # what became of one message to many: `key` its id there, `data` the numbers
    REVOKED = "revoked"  # a permission was withdrawn, or the account closed: a duty to delete
    DESK = "desk"  # a person at the platform's desk has the chat: `key` is begin, switch or end
    PAGE = "page"  # a form of a page of ours: `key` names it, `data` holds its fields
    CHECKED = "checked"  # the platform looked at a picture: `key` the call, `data` the verdict
    RESULT = "result"  # background work reports: `key` names the job, `data` its result
    DRAIN = "drain"  # internal: send what waits in the mailbox


UNHEARD = frozenset(
    {
        Kind.UNSUBSCRIBE,
        Kind.CREDITS,
        Kind.DELIVERY,
        Kind.MASS,
        Kind.REVOKED,
        Kind.DESK,
        Kind.CHECKED,
        Kind.DRAIN,
    }
)
"""What nobody waits for an answer to; that it failed is not told in the chat either."""


@dataclass(frozen=True, slots=True)
class AccountKey:
    """Who speaks, as the channel knows them. Checked, for it becomes part of Redis keys."""

    channel: str
    app: str
    user: str

    def __post_init__(self) -> None:
        for part in (self.channel, self.app, self.user):
            if not _USER.fullmatch(part):
                raise ValueError("an account key holds letters, digits, _ and - only")

    def __str__(self) -> str:
        return f"{self.channel}:{self.app}:{self.user}"

    @classmethod
    def parse(cls, text: str) -> AccountKey:
        channel, app, user = text.split(":")
        return cls(channel, app, user)


@dataclass(frozen=True, slots=True)
class Media:
    """Where the channel keeps a picture: fetched by the channel's own client, by `id`."""

    id: str
    url: str = ""
    format: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A sent location, in the degrees of the city's profile (GCJ-02, as WeChat's and Alipay's
    maps have it); `label` is the address the platform put beside it."""

    lat: float
    lng: float
    label: str = ""


@dataclass(frozen=True, slots=True)
class Update:
    """One thing that happened to one account. `id` is the channel's key against repeats."""

    id: str
    account: AccountKey
    kind: Kind
    at: datetime  # when the platform says it was sent; never used as our clock
    text: str = ""
    media: Media | None = None
    place: Place | None = None
    key: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    answers: str = ""  # of a RESULT: the id of the update that waits for it

    def to_json(self) -> bytes:
        """Compact UTF-8 JSON, `from_json`'s inverse."""
        raw: dict[str, Any] = {
            "id": self.id,
            "account": str(self.account),
            "kind": self.kind.value,
            "at": self.at.isoformat(),
        }
        for name in ("text", "key", "answers"):
            if value := getattr(self, name):
                raw[name] = value
        if self.data:
            raw["data"] = dict(self.data)
        if self.media:
            raw["media"] = [self.media.id, self.media.url, self.media.format]
        if self.place:
            raw["place"] = [self.place.lat, self.place.lng, self.place.label]
        return json.dumps(raw, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, body: bytes) -> Update:
        raw = json.loads(body)
        return cls(
            id=raw["id"],
            account=AccountKey.parse(raw["account"]),
            kind=Kind(raw["kind"]),
            at=datetime.fromisoformat(raw["at"]),
            text=raw.get("text", ""),
            media=Media(*raw["media"]) if "media" in raw else None,
            place=Place(*raw["place"]) if "place" in raw else None,
            key=raw.get("key", ""),
            data=raw.get("data", {}),
            answers=raw.get("answers", ""),
        )


def deliveries_of(update: Update) -> list[tuple[str, str]]:
    """What a DELIVERY tells, however many messages it tells of: (id at the platform, result)."""
    others = update.data.get("others", ())
    return [(update.key, update.data["result"]), *((number, said) for number, said, _ in others)]


@dataclass(frozen=True, slots=True)
class Option:
    """One numbered choice: `key` is what a person types, `label` what it means."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A sealed document to show before the text; sent as a picture, or as a one-use link."""

    document: str
    watermark: str = ""
    caption: str = ""  # says what it is where only a link can be shown


@dataclass(frozen=True, slots=True)
class Link:
    """A link, shown where its label stands in the text, else below it, in the channel's own way.

    `url` may be a path of the service's site.
    """

    url: str
    label: str


Asks = Literal[
    "", "text", "choice", "photo", "place", "consent", "date", "phone", "code", "confirm"
]
"""What sort of answer a question waits for: which input a page offers first. Words do everywhere.
Empty: nothing is asked, or by no form; then options are a choice."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far a form is: section `n` of `of`, by its name in the form and its title in words."""

    section: str
    title: str
    n: int
    of: int


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to a person, channel-neutral: text, choices, more text, the footer.

    `position` and `asks` say beside the words where the form is and what it waits for."""

    text: str
    options: tuple[Option, ...] = ()
    after: str = ""
    footer: str = ""
    picture: Picture | None = None
    links: tuple[Link, ...] = ()
    desk: bool = False  # hand the chat to the platform's desk; the text stands where none can be
    mark: str = field(default="", compare=False)  # of the question, for clicks: see `clicks`
    position: Position | None = field(default=None, compare=False)
    asks: Asks = field(default="", compare=False)
    about: str = ""  # what it tells of, e.g. `application:<id>`: for pages that show more of it
    locale: str = field(default="", compare=False)  # the language it is written in
    pending: bool = field(default=False, compare=False)  # the answer itself is still to come

    def plain(self) -> str:
        """The message as lines of text, choices as `1 办卡`."""
        lines = [self.text, *(f"{o.key} {o.label}" for o in self.options), self.after, self.footer]
        return "\n".join(line for line in lines if line)

    def preceded_by(self, text: str) -> Reply:
        """The same reply with a sentence before it."""
        if not text:
            return self
        whole = f"{text}\n{self.text}" if self.text else text
        return replace(self, text=whole)

    def to_json(self) -> bytes:
        """Compact UTF-8 JSON, `from_json`'s inverse: what the stored reply and the mailbox hold."""
        raw: dict[str, Any] = {"text": self.text}
        if self.options:
            raw["options"] = [[o.key, o.label] for o in self.options]
        for name in ("after", "footer", "mark", "asks", "about", "locale"):
            if value := getattr(self, name):
                raw[name] = value
        if self.picture:
            raw["picture"] = [self.picture.document, self.picture.watermark, self.picture.caption]
        if self.links:
            raw["links"] = [[link.url, link.label] for link in self.links]
        if self.desk:
            raw["desk"] = True
        if self.position:
            at = self.position
            raw["position"] = [at.section, at.title, at.n, at.of]
        if self.pending:
            raw["pending"] = True
        return json.dumps(raw, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, body: bytes) -> Reply:
        raw = json.loads(body)
        return cls(
            text=raw["text"],
            options=tuple(Option(*o) for o in raw.get("options", ())),
            after=raw.get("after", ""),
            footer=raw.get("footer", ""),
            picture=Picture(*raw["picture"]) if "picture" in raw else None,
            links=tuple(Link(*link) for link in raw.get("links", ())),
            desk=raw.get("desk", False),
            mark=raw.get("mark", ""),
            position=Position(*raw["position"]) if "position" in raw else None,
            asks=raw.get("asks", ""),
            about=raw.get("about", ""),
            locale=raw.get("locale", ""),
            pending=raw.get("pending", False),
        )


class Later:
    """A handler's answer when background work must come first: the reply arrives as a RESULT."""


LATER = Later()
Outcome = Reply | Later | None  # None: nothing to say
