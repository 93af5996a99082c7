"""Who wrote lately, on the way to the records: one sorted set in Redis, accounts by the moment.

The records want it for campaigns: who wrote within two days is told in the chat. A turn says it
here, so that it writes nothing itself; a chore of the worker takes many at once. What was taken
stays until it is `done`, and twice does no harm. Who empties Redis takes the last minute along.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Protocol

from bot.dialogue.messages import AccountKey
from bot.sessions.store import Script, call_script

_KEY = "{shebaoka:spoken}"

_NOTE = "return redis.call('ZADD', KEYS[1], 'GT', ARGV[2], ARGV[1])"
_TAKE = "return redis.call('ZRANGE', KEYS[1], 0, ARGV[1] - 1, 'WITHSCORES')"
# Who wrote again meanwhile is still to be noted.
_DONE = """
for at = 1, #ARGV, 2 do
  local known = redis.call('ZSCORE', KEYS[1], ARGV[at])
  if known and tonumber(known) <= tonumber(ARGV[at + 1]) then
    redis.call('ZREM', KEYS[1], ARGV[at])
  end
end
return 1
"""


class RedisClient(Protocol):
    def register_script(self, script: str) -> Script: ...


class Spoken:
    """The line of who wrote. All methods raise `SessionsAway`."""

    def __init__(self, redis_client: RedisClient) -> None:
        self._note = redis_client.register_script(_NOTE)
        self._take = redis_client.register_script(_TAKE)
        self._done = redis_client.register_script(_DONE)

    def note(self, account: AccountKey, now: datetime) -> None:
        """They wrote just now."""
        call_script(self._note, [_KEY], [str(account), _milliseconds(now)])

    def take(self, most: int) -> dict[str, datetime]:
        """Up to `most` accounts, whose last message is the oldest first, each with its moment."""
        raw = call_script(self._take, [_KEY], [most])
        return {
            account.decode(): datetime.fromtimestamp(int(moment) / 1000, UTC)
            for account, moment in zip(raw[::2], raw[1::2], strict=True)
        }

    def done(self, taken: Mapping[str, datetime]) -> None:
        """They are in the records, or have no account there."""
        if taken:
            pairs = [(account, _milliseconds(moment)) for account, moment in taken.items()]
            call_script(self._done, [_KEY], [part for pair in pairs for part in pair])


def _milliseconds(moment: datetime) -> str:
    return f"{moment.timestamp() * 1000:.0f}"
