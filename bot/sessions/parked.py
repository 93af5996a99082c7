"""The mark that notices wait for a person's next visit, so that a turn need not ask the records.

It lies in the person's hash, comes with `begin`, and is cleared by the `commit` of the turn that
told them, unless it was set anew since. Whoever loses it with Redis loses the session as well: a
first visit asks the records in any case.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Protocol

from bot.dialogue.messages import AccountKey
from bot.sessions.store import Script, call_script, person_key

_SET = """
redis.call('HSET', KEYS[1], 'parked', ARGV[1])
if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 1
"""


class RedisClient(Protocol):
    def register_script(self, script: str) -> Script: ...


class ParkedMarks:
    """`keep_days`: the life of a person's keys."""

    def __init__(self, redis_client: RedisClient, *, keep_days: int = 32) -> None:
        self._keep = int(timedelta(days=keep_days).total_seconds() * 1000)
        self._set = redis_client.register_script(_SET)

    def mark(self, account: AccountKey) -> None:
        """Something is parked, or is about to be. Raises `SessionsAway`."""
        call_script(self._set, [person_key(account)], [uuid.uuid4().hex[:12], self._keep])
