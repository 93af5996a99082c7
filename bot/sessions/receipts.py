"""What platforms report of sent messages, in line for the records: one stream in Redis.

A burst comes as fast as its messages were sent. Each report is one call here; workers take them by
the hundred. What was taken stays in the stream until it is `done`: who dies with it leaves it to
the next, and what could not be placed yet is taken again a moment later. Twice does no harm.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.sessions.store import Script, call_script

_KEY, _GROUP = "{shebaoka:receipts}", "records"
AGAIN_MS = 2000  # longer than a batch takes, shorter than anybody waits for a figure

_ADD = """
for at = 2, #ARGV, 2 do
  redis.call('XADD', KEYS[1], '*', 'account', ARGV[1], 'id', ARGV[at], 'result', ARGV[at + 1])
end
return 1
"""
# Whoever emptied Redis took the group along: it is made anew, from the first entry on.
_TAKE = """
redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM')
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local most = tonumber(ARGV[3])
local again = redis.call('XAUTOCLAIM', KEYS[1], ARGV[1], ARGV[2], ARGV[4], '0-0', 'COUNT', most)[2]
local found = {now}
for _, entry in ipairs(again) do
  if entry and entry[2] then found[#found + 1] = {entry[1], entry[2]} end
end
if #found <= most then
  local fresh = redis.call('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', most - #found + 1,
    'STREAMS', KEYS[1], '>')
  if fresh then
    for _, entry in ipairs(fresh[1][2]) do found[#found + 1] = {entry[1], entry[2]} end
  end
end
return found
"""
_DONE = """
for at = 2, #ARGV do
  redis.call('XACK', KEYS[1], ARGV[1], ARGV[at])
  redis.call('XDEL', KEYS[1], ARGV[at])
end
return 1
"""
_WORKER = "worker"  # whose they are says nothing: what is not done is anybody's after a moment


class RedisClient(Protocol):
    def register_script(self, script: str) -> Script: ...


@dataclass(frozen=True, slots=True)
class Receipt:
    """One report: of a message to `account` that the platform knows as `sent_as`. `seconds`: how
    long ago it came."""

    entry: str
    account: str
    sent_as: str
    result: str
    seconds: float


class Receipts:
    """The line of reports. All methods raise `SessionsAway`."""

    def __init__(self, redis_client: RedisClient, *, again_ms: int = AGAIN_MS) -> None:
        self._add = redis_client.register_script(_ADD)
        self._take = redis_client.register_script(_TAKE)
        self._done = redis_client.register_script(_DONE)
        self._again = again_ms

    def add(self, account: str, results: Iterable[tuple[str, str]]) -> None:
        """These came for messages to one account, each as (the platform's id, what became)."""
        flat = [part for result in results for part in result]
        call_script(self._add, [_KEY], [account, *flat])

    def take(self, most: int) -> list[Receipt]:
        """Up to `most`, the oldest first; nobody else gets them for a moment."""
        raw = call_script(self._take, [_KEY], [_GROUP, _WORKER, most, self._again])
        now, *entries = raw
        return [_receipt(entry.decode(), fields, now) for entry, fields in entries]

    def done(self, receipts: Sequence[Receipt]) -> None:
        """They are in the records, or are nobody's."""
        if receipts:
            call_script(self._done, [_KEY], [_GROUP, *(each.entry for each in receipts)])


def _receipt(entry: str, fields: list[bytes], now: int) -> Receipt:
    given = [value.decode() for value in fields]
    known = dict(zip(given[::2], given[1::2], strict=True))
    came = int(entry.partition("-")[0])
    return Receipt(entry, known["account"], known["id"], known["result"], (now - came) / 1000)
