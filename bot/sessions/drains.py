"""Whose mailbox is to be emptied: one sorted set of accounts, by the moment it is due.

An account is put here *before* its request gives up, so that a crash between the two costs an
idle look and never a reply.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any, Protocol

from redis.exceptions import RedisError

from bot.dialogue.messages import AccountKey
from bot.sessions.store import Script, SessionsAway

_KEY = "{shebaoka:drains}"

_NOW = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
"""
# An account already claimed becomes due again: LT lowers the claim's later moment.
_ASK = _NOW + "return redis.call('ZADD', KEYS[1], 'LT', now + tonumber(ARGV[2]), ARGV[1])"
# Sent twice, as a retry after a lost answer is, a claim finds what it took the first time.
_CLAIM = (
    _NOW
    + """
local had = redis.call('GET', KEYS[2])
if had then return {had, redis.call('ZSCORE', KEYS[1], had) or ''} end
local due = redis.call('ZRANGE', KEYS[1], '-inf', now, 'BYSCORE', 'LIMIT', 0, 1)[1]
if not due then return {} end
local held = string.format('%.0f', now + tonumber(ARGV[1]))
redis.call('ZADD', KEYS[1], held, due)
redis.call('SET', KEYS[2], due, 'PX', ARGV[1])
return {due, held}
"""
)
_FINISH = (
    _NOW
    + """
if redis.call('ZSCORE', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
if ARGV[3] == '' then return redis.call('ZREM', KEYS[1], ARGV[1]) end
return redis.call('ZADD', KEYS[1], now + tonumber(ARGV[3]), ARGV[1])
"""
)


class RedisClient(Protocol):
    def register_script(self, script: str) -> Script: ...


@dataclass(frozen=True, slots=True)
class Due:
    """One claimed account; `claim` tells this claim from any later one."""

    account: AccountKey
    claim: str


class Drains:
    """The accounts whose mail is to be sent. All methods raise `SessionsAway`."""

    def __init__(self, redis_client: RedisClient) -> None:
        self._ask = redis_client.register_script(_ASK)
        self._claim = redis_client.register_script(_CLAIM)
        self._finish = redis_client.register_script(_FINISH)

    def ask(self, account: AccountKey, after_ms: int = 0) -> None:
        """Have the account's mailbox emptied, `after_ms` from now."""
        _call(self._ask, [str(account), after_ms])

    def claim(self, lease_ms: int) -> Due | None:
        """The account that waits longest; others may claim it again after `lease_ms`."""
        raw = _call(self._claim, [lease_ms], f"{_KEY}:{uuid.uuid4().hex}")
        return Due(AccountKey.parse(raw[0].decode()), raw[1].decode()) if raw else None

    def finish(self, due: Due, again_after_ms: int | None = None) -> None:
        """Forget the account, or ask again later. Does nothing if it was asked for meanwhile."""
        later = "" if again_after_ms is None else again_after_ms
        _call(self._finish, [str(due.account), due.claim, later])


def _call(script: Script, args: list[Any], *more_keys: str) -> Any:
    try:
        return script(keys=[_KEY, *more_keys], args=args)
    except RedisError as error:
        raise SessionsAway(type(error).__name__) from None
