"""Replays in plain mode, where a signature does not cover the body it came with."""

from __future__ import annotations

from typing import Protocol

from redis import Redis


class Nonces(Protocol):
    """Remembers which body came with a signed timestamp and nonce."""

    def admits(self, stamp: str, digest: str, seconds: int) -> bool:
        """Whether this body may come with this stamp: the first one, or the same again (the
        platform's own repeat, which is answered from the store). Remembered for `seconds`."""


class RedisNonces:
    """`Nonces` shared by all processes. Keys and values are digests under the account's token."""

    def __init__(self, redis: Redis, app_id: str) -> None:
        self._redis, self._app_id = redis, app_id

    def admits(self, stamp: str, digest: str, seconds: int) -> bool:
        key = f"wechat:{self._app_id}:nonce:{stamp}"
        if self._redis.set(key, digest, nx=True, ex=seconds):
            return True
        held = self._redis.get(key)
        return held in (digest, digest.encode())
