"""A turn with a toy conversation around it, and a channel that writes down what it sends."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy import select

from bot.dialogue.messages import AccountKey, Kind, Media, Outcome, Reply, Update
from bot.ports import Channel, Filled, Handle, Manner, Rung, SendError, Sources, Turn
from bot.redis_client import connect_redis
from bot.sessions import Drains, Ledger, ParkedMarks, Sessions
from bot.turn import Turns
from config.city import City, load_city
from config.locales import Texts
from config.templates import load_templates
from models.database import Database
from models.documents import FileObjects
from models.notices import Notice
from models.records import Record
from models.sealing import Keyring

KEYS = Keyring([(1, bytes(range(32)))], bytes(range(32, 64)))
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
CITY = load_city()


class Words:
    """Texts that say their own key, so that a test can see which one was chosen."""

    def say(self, locale: str, key: str, **values: object) -> str:
        return f"[{locale} {key}]"

    def day(self, locale: str, day: date, today: date) -> str:
        return str(day)

    def say_in(self, channel: str, locale: str, key: str, **values: object) -> str:
        return self.say(locale, key, **values)


def account(user: str = "alice", channel: str = "wechat") -> AccountKey:
    return AccountKey(channel, "wx1", user)


def said(number: int, user: str = "alice", channel: str = "wechat") -> Update:
    """Message `number` of a person."""
    return Update(f"id{number}", account(user, channel), Kind.TEXT, NOON, text=str(number))


def count(turn: Turn) -> Outcome:
    """Remembers every number it is told, and answers with it."""
    seen: list[int] = turn.session.notes.setdefault("seen", [])
    seen.append(int(turn.update.text))
    return Reply(f"<r{turn.update.text}>")


def count_and_write(turn: Turn) -> Outcome:
    """Like `count`, with an SMS row for each number."""
    reply = count(turn)
    turn.send_sms("13900001234", "code", {"number": turn.update.text})
    return reply


def count_and_write_by_chance(turn: Turn) -> Outcome:
    """Whether it writes is chance, as with an office that answers or not; the reply tells."""
    wrote = os.urandom(1)[0] < 128
    outcome = count_and_write(turn) if wrote else count(turn)
    turn.session.notes.setdefault("wrote", []).append(wrote)
    return Reply(f"<r{turn.update.text}.{int(wrote)}>") if outcome else None


@dataclass
class Recorder:
    """A channel whose API messages are lines of a file, so that forked processes share it."""

    path: Path
    name: str = "wechat"
    answers_at_once: bool = True
    manner: Manner = field(default_factory=Manner)
    holds: int = 3  # letters that go with one passive reply
    fault: SendError | None = None
    on_send: Callable[[], None] = field(default=lambda: None)
    rungs: Sequence[Rung] = ("chat",)
    faults: dict[str, SendError] = field(default_factory=dict)  # by what is sent

    def fit(self, reply: Reply | None, mail: Sequence[Reply]) -> tuple[Reply | None, int]:
        taken = min(len(mail), self.holds)
        texts = [letter.text for letter in mail[:taken]] + ([reply.text] if reply else [])
        return (Reply(" ".join(texts)) if texts else None), taken

    def send(self, account: AccountKey, reply: Reply, key: str, timeout: float) -> None:
        self._note("text", str(account), reply.plain(), key)

    def send_filled(self, account: AccountKey, message: Filled, key: str, timeout: float) -> str:
        self._note(message.rung, str(account), " ".join(message.values.values()), key)
        return f"at-{key}"

    def send_picture(self, account: AccountKey, image: bytes, key: str, timeout: float) -> None:
        self._note("picture", str(account), image.decode(errors="replace"), key)

    def fetch(self, media: Media, limit: int, timeout: float) -> bytes:
        if self.fault:
            raise self.fault
        return b"bytes of " + media.id.encode()

    def sent(self, kind: str = "text", user: str = "") -> list[str]:
        """What was sent, to everybody or one person, oldest first."""
        if not self.path.exists():
            return []
        lines = [json.loads(line) for line in self.path.read_text().splitlines()]
        return [line[2] for line in lines if line[0] == kind and line[1].endswith(user)]

    def _note(self, *what: str) -> None:
        self.on_send()
        if fault := self.faults.get(what[0], self.fault):
            raise fault
        with self.path.open("a") as file:
            file.write(json.dumps(what) + "\n")


class Doubling:
    """A client that sends every other script twice, as a retry after a lost answer does."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def register_script(self, text: str) -> Callable[..., Any]:
        script = self._client.register_script(text)

        def call(**arguments: Any) -> Any:
            first = script(**arguments)
            return script(**arguments) if os.urandom(1)[0] < 128 else first

        return call


@dataclass
class Rig:
    """Everything a turn needs, on a Redis and a database of the test."""

    redis_url: str
    database_url: str
    folder: Path
    handle: Handle = count
    lease_ms: int = 2000
    deadline_s: float = 3.5
    threads: int = 64
    cap: int = 200
    hook: Callable[[str], None] = field(default=lambda point: None)
    watermark: Callable[[bytes, str], bytes] = field(
        default=lambda image, text: image + text.encode()
    )
    city: City = CITY
    rungs: Sequence[Rung] = ("chat",)
    client: Any = None

    def __post_init__(self) -> None:
        self.database = Database(self.database_url)
        self.client = self.client or redis_client(self.redis_url)
        doubling = Doubling(self.client)
        self.sessions = Sessions(doubling, KEYS, cap=self.cap)
        self.drains = Drains(doubling)
        self.marks = ParkedMarks(doubling)
        self.ledger = Ledger(self.client, lambda: self.sources.clock())
        self.templates = load_templates(self.city)
        self.objects = FileObjects(self.folder / "objects")
        self.wakes: list[str] = []
        self.channels = {
            "wechat": Recorder(self.folder / "wechat.log", rungs=self.rungs),
            "alipay": Recorder(self.folder / "alipay.log", "alipay", answers_at_once=False),
        }
        self.sources = Sources(
            clock=lambda: NOON,
            sms_code=lambda: "482915",
            serial=lambda: "0001",
            new_id=lambda: uuid.uuid4().hex,
        )

    def close(self) -> None:
        self.database.dispose()
        self.client.close()

    def again(self, **changes: Any) -> Rig:
        """The same rig with connections of its own: for another process, or a restart."""
        self.database.dispose(close=False)
        return replace(self, client=None, **changes)

    def rows(self, model: type[Record]) -> list[Any]:
        """All rows of a table, oldest first."""
        with self.database.reading() as records:
            return list(records.scalars(select(model).order_by(*model.__table__.primary_key)))

    def numbers_written(self, user: str = "alice") -> list[int]:
        """What `count_and_write` put into the outbox for this person."""
        notices = [row for row in self.rows(Notice) if row.account_key.endswith(f":{user}")]
        notices = [notice for notice in notices if notice.kind == "sms"]
        return [int(notice.open_payload(KEYS)["params"]["number"]) for notice in notices]

    def turns(self, **changes: Any) -> Turns:
        options: dict[str, Any] = {
            "drains": self.drains,
            "templates": self.templates,
            "watermark": self.watermark,
            "lease_ms": self.lease_ms,
            "deadline_s": self.deadline_s,
            "threads": self.threads,
            "hook": self.hook,
        }
        return Turns(
            self.sessions,
            self.database,
            KEYS,
            self.city,
            cast(Texts, Words()),
            self.sources,
            changes.pop("handle", self.handle),
            cast(Mapping[str, Channel], self.channels),
            self.objects,
            changes.pop("wake", self.wakes.append),
            **{**options, **changes},
        )

    def session(self, user: str = "alice", channel: str = "wechat") -> dict[str, Any]:
        """What the conversation remembers now."""
        tag = f"{{{account(user, channel)}}}"
        blob = self.client.hget(tag, "session")
        return cast(dict[str, Any], json.loads(KEYS.open(blob, tag) or b"{}")) if blob else {}

    def seen(self, user: str = "alice", channel: str = "wechat") -> list[int]:
        return cast(list[int], self.session(user, channel).get("notes", {}).get("seen", []))

    def mail(self, user: str = "alice", channel: str = "wechat") -> list[str]:
        """The texts in the mailbox, oldest first."""
        tag = f"{{{account(user, channel)}}}"
        entries = [entry.partition(b"\n") for entry in self.client.lrange(f"{tag}:m", 0, -1)]
        blobs = [KEYS.open(blob, f"{tag}:r:{answers.decode()}") for answers, _, blob in entries]
        return [Reply.from_json(blob).text for blob in blobs]

    def waiting(self, user: str = "alice", channel: str = "wechat") -> tuple[int, int, int]:
        """How many ids, bodies and letters lie in Redis."""
        tag = f"{{{account(user, channel)}}}"
        return (
            self.client.llen(f"{tag}:q"),
            self.client.hlen(f"{tag}:b"),
            self.client.llen(f"{tag}:m"),
        )


def redis_client(url: str) -> Any:
    """As production has it: half a second, one repetition."""
    return connect_redis(url)
