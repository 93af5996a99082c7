"""What a page shows of a conversation: the messages of one account, in their order.

WeChat and Alipay keep the chat; a browser or a mini program has nobody who does. Each entry is
sealed and added once, under its key: who adds it again, after a crash or a doubled click, adds
nothing. Pictures live as long as the one-use links that stand in for them elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from bot.dialogue.messages import AccountKey, Reply
from bot.sessions.store import Script, call_script, person_key
from models.sealing import Keyring

MOST_ENTRIES = 300  # the oldest go first
PICTURE_LIFE = timedelta(minutes=10)

# KEYS: entries, the keys that were added. ARGV: key, sealed entry, most entries, life in ms.
_ADD = """
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 1 then return 0 end
local number = redis.call('HINCRBY', KEYS[2], '', 1)
redis.call('HSET', KEYS[2], ARGV[1], number)
redis.call('RPUSH', KEYS[1], string.format('%d %s\\n%s', number, ARGV[1], ARGV[2]))
while redis.call('LLEN', KEYS[1]) > tonumber(ARGV[3]) do
  local gone = redis.call('LPOP', KEYS[1])
  redis.call('HDEL', KEYS[2], string.match(gone, '^%d+ ([^\\n]*)\\n'))
end
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('PEXPIRE', KEYS[2], ARGV[4])
return 1
"""
# KEYS: entries. ARGV: the number after which to read. Numbers have no gaps.
_READ = """
local first = redis.call('LINDEX', KEYS[1], 0)
if not first then return {} end
local skip = tonumber(ARGV[1]) + 1 - tonumber(string.match(first, '^%d+'))
return redis.call('LRANGE', KEYS[1], math.max(0, skip), -1)
"""
# KEYS: entries, the keys that were added. ARGV: key.
_FIND = """
local number = redis.call('HGET', KEYS[2], ARGV[1])
local first = number and redis.call('LINDEX', KEYS[1], 0)
if not first then return nil end
return redis.call('LINDEX', KEYS[1], tonumber(number) - tonumber(string.match(first, '^%d+')))
"""
_PUT = "redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) return 1"
_GET = "return redis.call('GET', KEYS[1])"
_FORGET = "return redis.call('DEL', unpack(KEYS))"


class RedisClient(Protocol):
    def register_script(self, script: str) -> Script: ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One message as it is shown. `key` is what it was added under; `number` grows by one each.

    `by` me: `text` holds what the person wrote or chose, or, for a photo, its caption, and `more`
    what the page wants to remember of it. `by` bot: `reply` is the whole message; a `picture` is
    shown from `Transcripts.picture(account, key)` as long as that lives.
    """

    key: str
    by: Literal["me", "bot", "picture"]
    at: datetime
    text: str = ""
    reply: Reply | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    number: int = 0

    def to_json(self) -> bytes:
        raw: dict[str, Any] = {"by": self.by, "at": self.at.isoformat()}
        if self.text:
            raw["text"] = self.text
        if self.reply:
            raw["reply"] = self.reply.to_json().decode()
        if self.more:
            raw["more"] = dict(self.more)
        return json.dumps(raw, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def from_json(cls, key: str, number: int, body: bytes) -> Entry:
        raw = json.loads(body)
        return cls(
            key=key,
            by=raw["by"],
            at=datetime.fromisoformat(raw["at"]),
            text=raw.get("text", ""),
            reply=Reply.from_json(raw["reply"].encode()) if "reply" in raw else None,
            more=raw.get("more", {}),
            number=number,
        )


class Transcripts:
    """The transcripts of everybody who talks through a page. All methods raise `SessionsAway`."""

    def __init__(self, redis_client: RedisClient, keys: Keyring, *, keep_days: int = 32) -> None:
        self._keys = keys
        self._keep = int(timedelta(days=keep_days).total_seconds() * 1000)
        self._add, self._read = map(redis_client.register_script, (_ADD, _READ))
        self._find = redis_client.register_script(_FIND)
        self._put, self._get = map(redis_client.register_script, (_PUT, _GET))
        self._forget = redis_client.register_script(_FORGET)

    def add(self, account: AccountKey, entry: Entry) -> bool:
        """Add an entry at the end. False when one of its key was added before: nothing changes."""
        sealed = self._keys.seal(entry.to_json(), _place(account, "w", entry.key))
        args = [entry.key, sealed, MOST_ENTRIES, self._keep]
        return bool(call_script(self._add, _lists(account), args))

    def entries(self, account: AccountKey, after: int = 0) -> list[Entry]:
        """What is shown, oldest first: of the numbers above `after`."""
        read = call_script(self._read, _lists(account)[:1], [after])
        return [self._opened(account, raw) for raw in read]

    def find(self, account: AccountKey, key: str) -> Entry | None:
        """The entry that was added under `key`, as long as it is shown."""
        raw = call_script(self._find, _lists(account), [key])
        return self._opened(account, raw) if raw else None

    def _opened(self, account: AccountKey, raw: bytes) -> Entry:
        head, _, blob = raw.partition(b"\n")
        number, _, key = head.decode().partition(" ")
        return Entry.from_json(key, int(number), self._keys.open(blob, _place(account, "w", key)))

    def keep_picture(self, account: AccountKey, key: str, image: bytes) -> None:
        """A JPEG to be shown for ten minutes."""
        name = _place(account, "wp", key)
        life = int(PICTURE_LIFE.total_seconds() * 1000)
        call_script(self._put, [name], [self._keys.seal(image, name), life])

    def picture(self, account: AccountKey, key: str) -> bytes | None:
        """The JPEG kept under `key`; None when its minutes are over."""
        name = _place(account, "wp", key)
        blob = call_script(self._get, [name], [])
        return self._keys.open(blob, name) if blob else None

    def forget(self, account: AccountKey) -> None:
        """Nothing is shown any more."""
        call_script(self._forget, _lists(account), [])


def _lists(account: AccountKey) -> list[str]:
    tag = person_key(account)
    return [f"{tag}:w", f"{tag}:wk"]


def _place(account: AccountKey, part: str, key: str) -> str:
    return f"{person_key(account)}:{part}:{key}"
