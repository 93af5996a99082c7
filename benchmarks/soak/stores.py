"""What the databases hold of a person: plain SQL, plain Redis commands, a reader of seals."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import psycopg
import redis

from benchmarks.soak.seals import opened

_TICKET = "soak-"
_TOKEN = re.compile(r"<\d+\.[a-z]\.[0-9a-f]{4}>")


@dataclass
class Kept:
    """Tickets by message number; numbers of messages put aside after three deaths, which staff see;
    entries left in Redis; tokens in letters of which nobody knows."""

    tickets: Counter[int] = field(default_factory=Counter)
    put_aside: list[int] = field(default_factory=list)
    waiting: int = 0
    in_doubt: set[str] = field(default_factory=set)
    applications: list[str] = field(default_factory=list)
    stored: dict[str, set[str]] = field(default_factory=dict)  # by update id: tokens of its reply


class Stores:
    """One database (`sqlite:///…` or `postgresql://…`) and one Redis, read only.

    `account` is what stands before a person's name in every account key, such as `wechat:wx1`.
    """

    def __init__(self, database: str, redis_url: str, account: str, key: bytes) -> None:
        self._account, self._key = account, key
        self._replies: defaultdict[str, list[str]] | None = None
        self._redis = redis.Redis.from_url(redis_url)
        path = database.removeprefix("sqlite:///")
        self._sql: Any
        if path == database:
            self._sql, self._mark = psycopg.connect(database, autocommit=True), "%s"
        else:
            self._sql, self._mark = sqlite3.connect(f"file:{path}?mode=ro", uri=True), "?"

    def __enter__(self) -> Stores:
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self._sql.close()
        self._redis.close()

    def kept(self, person: str) -> Kept:
        """Everything that is held of one person."""
        account = f"{self._account}:{person}"
        kinds = [kind for (kind,) in self._rows("SELECT kind FROM tickets", account)]
        ours = [int(kind.removeprefix(_TICKET)) for kind in kinds if kind.startswith(_TICKET)]
        return Kept(
            tickets=Counter(ours),
            put_aside=self._put_aside(account),
            waiting=self._waiting(f"{{{account}}}"),
            in_doubt=self._in_doubt(account),
            stored=self._stored(f"{{{account}}}:r:"),
            applications=[n for (n,) in self._rows("SELECT number FROM applications", account)],
        )

    def _rows(self, select: str, account: str, more: str = "") -> list[tuple[Any, ...]]:
        query = f"{select} WHERE account_key = {self._mark} {more}"
        return list(self._sql.execute(query, (account,)).fetchall())

    def _in_doubt(self, account: str) -> set[str]:
        """Tokens in letters of which nobody knows whether the platform took them."""
        doubtful = "AND kind = 'chat' AND state IN ('unknown', 'sending')"
        rows = self._rows("SELECT id, payload FROM notices", account, doubtful)
        letters = [
            json.loads(opened(bytes(payload), self._key, f"notices.payload:{id_}"))
            for id_, payload in rows
        ]
        return {token for letter in letters for token in _TOKEN.findall(letter["text"])}

    def _put_aside(self, account: str) -> list[int]:
        """Which messages lie among the dead letters: 0 for what is none of the soak's."""
        rows = self._rows('SELECT id, "update" FROM dead_letters', account)
        updates = [
            json.loads(opened(bytes(blob), self._key, f"dead_letters.update:{id_}"))
            for id_, blob in rows
        ]
        told = [f"{update.get('text')} {update.get('data')}" for update in updates]
        numbers = [re.search(r"soak (\d+) |<(\d+)\.", text) for text in told]
        return [int(found[1] or found[2]) if found else 0 for found in numbers]

    def _stored(self, start: str) -> dict[str, set[str]]:
        """What lies ready for the platform to ask again."""
        found = {}
        for key in self._keys_of(start):
            blob: Any = self._redis.get(key)
            if blob:
                reply = json.loads(opened(blob, self._key, key))
                found[key.removeprefix(start)] = set(_TOKEN.findall(reply["text"]))
        return found

    def _keys_of(self, start: str) -> list[str]:
        """The keys with this beginning: all keys are looked through once."""
        if self._replies is None:
            self._replies = defaultdict(list)
            for raw in self._redis.scan_iter("*:r:*", count=1000):
                key = raw.decode()
                head, mark, _ = key.partition("}:r:")
                self._replies[head + mark].append(key)
        return self._replies[start]

    def _waiting(self, tag: str) -> int:
        """Updates and letters that nobody has taken out."""
        queue, bodies = self._redis.llen(f"{tag}:q"), self._redis.hlen(f"{tag}:b")
        mail = self._redis.llen(f"{tag}:m")
        return int(queue) + int(bodies) + int(mail)
