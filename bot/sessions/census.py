"""Which data keys the conversations in Redis are sealed under: asked before a key is retired."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from models.sealing import Keyring, SealError


def versions_in_conversations(client: Any) -> Counter[int]:
    """How many sealed values of people's keys (`{channel:app:user}…`) each version holds.

    Walks the whole key space in small steps, so it may take a while and disturbs nobody. A
    conversation is sealed anew at its next message, a stored reply lives a day.
    """
    counts: Counter[int] = Counter()
    for key in client.scan_iter(match="{*}*", count=500):
        for value in _values(client, key):
            try:
                counts[Keyring.version_of(value)] += 1
            except SealError:
                continue  # ids, numbers and the like: nothing personal, never sealed
    return counts


def _values(client: Any, key: bytes) -> Iterator[bytes]:
    """Every value of a person's key, without what stands before the seal (see `store`)."""
    match client.type(key):
        case b"string":
            yield client.get(key) or b""
        case b"list":
            yield from _bare(client.lrange(key, 0, -1))
        case b"hash":
            for field, value in client.hgetall(key).items():
                yield value if field == b"session" else value[1:]


def _bare(letters: Iterable[bytes]) -> Iterator[bytes]:
    for letter in letters:
        yield letter.partition(b"\n")[2] or letter
