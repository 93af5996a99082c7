"""Changing the key under conversations: re-sealing what lies in Redis, while people talk.

An idle draft is sealed under the key of its last day, and would hold that key until it expires.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from models.sealing import Keyring, SealError

_PERSONS_KEYS = "{*:*:*}*"
_BATCH = 500

# Each writes only over what was read: a turn that came between has sealed anew already.
_REPLACE = """
local kind, field, old, new = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if kind == 'hash' then
  if redis.call('HGET', KEYS[1], field) ~= old then return 0 end
  redis.call('HSET', KEYS[1], field, new)
elseif kind == 'list' then
  if redis.call('LINDEX', KEYS[1], field) ~= old then return 0 end
  redis.call('LSET', KEYS[1], field, new)
else
  if redis.call('GET', KEYS[1]) ~= old then return 0 end
  redis.call('SET', KEYS[1], new, 'KEEPTTL')
end
return 1
"""


@dataclass(frozen=True, slots=True)
class Value:
    """One sealed value: in which key and field, what stands before the blob, and its `where`."""

    key: str
    kind: str  # hash | list | string
    field: str
    head: bytes
    blob: bytes
    where: str


def reseal(redis_client: Any, keys: Keyring) -> int:
    """Seal anew, under the newest key, what an older one sealed. Returns how many values.

    What does not open is left as it is; `versions_in_conversations` goes on counting it.
    """
    replace = redis_client.register_script(_REPLACE)
    count = 0
    for value in _values(redis_client):
        if keys.version_of(value.blob) == keys.newest:
            continue
        try:
            fresh = keys.seal(keys.open(value.blob, value.where), value.where)
        except SealError:
            continue
        old, new = value.head + value.blob, value.head + fresh
        count += replace(keys=[value.key], args=[value.kind, value.field, old, new])
    return count


def versions_in_conversations(redis_client: Any) -> Counter[int]:
    """How many sealed values each data key holds: a key is not retired while there are any."""
    return Counter(Keyring.version_of(value.blob) for value in _values(redis_client))


def _values(client: Any) -> Iterator[Value]:
    for raw in client.scan_iter(_PERSONS_KEYS, count=_BATCH):
        key = raw.decode()
        tag, _, part = key.rpartition("}")
        tag += "}"
        match part.split(":")[1:2]:
            case []:
                if session := client.hget(key, "session"):
                    yield Value(key, "hash", "session", b"", session, tag)
            case ["b"]:
                yield from _bodies(client, key, tag)
            case ["m"]:
                yield from _letters(client, key, tag)
            case ["w"]:
                yield from _entries(client, key, tag)
            case ["r" | "wp"]:
                if reply := client.get(key):
                    yield Value(key, "string", "", b"", reply, key)


def _bodies(client: Any, key: str, tag: str) -> Iterator[Value]:
    for update_id, body in client.hgetall(key).items():
        if len(body) > 1:  # a deferred one holds its letter alone
            name = update_id.decode()
            yield Value(key, "hash", name, body[:1], body[1:], f"{tag}:b:{name}")


def _letters(client: Any, key: str, tag: str) -> Iterator[Value]:
    for place, entry in enumerate(client.lrange(key, 0, -1)):
        answers, line, blob = entry.partition(b"\n")
        yield Value(key, "list", str(place), answers + line, blob, f"{tag}:r:{answers.decode()}")


def _entries(client: Any, key: str, tag: str) -> Iterator[Value]:
    for place, entry in enumerate(client.lrange(key, 0, -1)):
        head, line, blob = entry.partition(b"\n")
        name = head.decode().partition(" ")[2]
        yield Value(key, "list", str(place), head + line, blob, f"{tag}:w:{name}")
