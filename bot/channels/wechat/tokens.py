"""What an account is lent for a while: its access token, and the ticket that signs web pages.

One for all processes, fetched by one of them at a time. `stable_token` gives the same token until
it is near its end, so fetching it again does no harm; a ticket likewise. It lives sealed in Redis,
is kept a minute in the process, and is replaced only by who holds the lock. Without Redis each
process fetches for itself.
"""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

from redis import Redis, RedisError

from bot.channels.wechat.errors import Kind, PlatformError
from models.sealing import Keyring, SealError

Fetch = Callable[[bool], tuple[str, float]]
"""Asks the platform: whether to force a new one → the token or ticket, the seconds it lives."""

EARLY = 300.0
"""Seconds before its end in which a token is replaced; the old one serves until that is done."""
KEPT = 60.0
"""Seconds a process trusts what it read from Redis."""
BETWEEN_FORCED = 30.0
"""Seconds the platform wants between two forced renewals (20 of which it allows a day)."""
LOCK_SECONDS = 10
_SETTLED = (Kind.CONFIGURATION, Kind.ACCOUNT)  # refusals that asking again does not change
_POLL = 0.02

# Only the lock's holder writes: one who was frozen in between must not replace a newer token.
_WRITE = """
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('set', KEYS[2], ARGV[2], 'EX', ARGV[3])
return 1
"""
_UNLOCK = """
if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end
return 0
"""


@dataclass(frozen=True, slots=True)
class Token:
    """A token or ticket, when it ends, and when it was last forced (seconds of the epoch)."""

    value: str
    ends: float
    forced: float = 0.0


class AccessTokens:
    """One account's token, or what else it is lent: `what`. Thread-safe."""

    def __init__(
        self,
        redis: Redis,
        app_id: str,
        keys: Keyring,
        *,
        clock: Callable[[], float] = time.time,
        what: str = "token",
    ) -> None:
        self._redis, self._app_id, self._keys, self._clock = redis, app_id, keys, clock
        self._key = f"{{wechat:{app_id}}}:{what}"
        self._lock_key = f"{self._key}:lock"
        self._mine = threading.Lock()
        self._kept: tuple[float, Token] | None = None
        self._refused: tuple[float, PlatformError] | None = None

    def beside(self, what: str) -> AccessTokens:
        """Something else of the same account, kept the same way: `ticket`."""
        return AccessTokens(self._redis, self._app_id, self._keys, clock=self._clock, what=what)

    def current(self, fetch: Fetch, patience: float) -> str:
        """A token that should be good. Waits at most `patience` seconds for another process that
        fetches one. Raises PlatformError."""
        now = self._clock()
        if self._kept and now - self._kept[0] < KEPT and now < self._kept[1].ends - EARLY:
            return self._kept[1].value
        try:
            stored = self._stored()
            if stored and now < stored.ends - EARLY:
                return self._keep(stored)
            return self._replaced("", fetch, patience)
        except RedisError:
            return self._alone("", fetch)

    def renew(self, used: str, fetch: Fetch, patience: float) -> str:
        """A token other than `used`, which the platform has just refused: the one somebody else
        stored meanwhile, or a new one. Raises PlatformError when there is none to be had."""
        try:
            stored = self._stored()
            if stored and stored.value != used:
                return self._keep(stored)
            return self._replaced(used, fetch, patience)
        except RedisError:
            return self._alone(used, fetch)

    # --- shared ---

    def _replaced(self, refused: str, fetch: Fetch, patience: float) -> str:
        """Fetch under the lock, or wait for who holds it."""
        owner, ends = secrets.token_hex(16), time.monotonic() + patience
        while not self._redis.set(self._lock_key, owner, nx=True, ex=LOCK_SECONDS):
            stored = self._stored()
            if stored and stored.value != refused and self._clock() < stored.ends:
                return self._keep(stored)
            if time.monotonic() >= ends:
                raise PlatformError(Kind.TRANSIENT, "another process is fetching the token")
            time.sleep(_POLL)
        try:
            return self._keep(self._fetched_under_lock(owner, refused, fetch))
        finally:
            self._redis.eval(_UNLOCK, 1, self._lock_key, owner)

    def _fetched_under_lock(self, owner: str, refused: str, fetch: Fetch) -> Token:
        stored = self._stored()
        if stored and stored.value != refused and self._clock() < stored.ends - EARLY:
            return stored  # somebody was quicker
        token = self._fetched(stored, refused, fetch)
        raw = json.dumps(asdict(token)).encode()
        lasting = max(1, int(token.ends - self._clock()))
        sealed = self._keys.seal(raw, self._key)
        self._redis.eval(_WRITE, 2, self._lock_key, self._key, owner, sealed, lasting)
        return token

    def _stored(self) -> Token | None:
        sealed = self._redis.get(self._key)
        if not isinstance(sealed, bytes):
            return None
        try:
            return Token(**json.loads(self._keys.open(sealed, self._key)))
        except (SealError, ValueError, TypeError):
            return None  # sealed under a key that is gone: fetched anew

    def _keep(self, token: Token) -> str:
        self._kept = (self._clock(), token)
        return token.value

    # --- alone ---

    def _alone(self, refused: str, fetch: Fetch) -> str:
        """Without Redis: this process's own token, so that an outage costs one call an hour."""
        with self._mine:
            kept = self._kept[1] if self._kept else None
            if kept and kept.value != refused and self._clock() < kept.ends - EARLY:
                return self._keep(kept)  # for a minute without a look at Redis
            return self._keep(self._fetched(kept, refused, fetch))

    # --- the platform ---

    def _fetched(self, held: Token | None, refused: str, fetch: Fetch) -> Token:
        """Asked plainly first; forced only when the refused token comes back."""
        forced = held.forced if held else 0.0
        if refused and self._clock() - forced < BETWEEN_FORCED:
            raise PlatformError(Kind.TOKEN, "refused again just after it was renewed")
        value, seconds = self._asked(fetch, False)
        if value == refused:
            value, seconds = self._asked(fetch, True)
            forced = self._clock()
        return Token(value, self._clock() + seconds, forced)

    def _asked(self, fetch: Fetch, force: bool) -> tuple[str, float]:
        """Ask, unless the platform has just said that our settings or our rights do not do."""
        now = self._clock()
        if self._refused and now - self._refused[0] < BETWEEN_FORCED:
            raise self._refused[1]
        try:
            return fetch(force)
        except PlatformError as fault:
            if fault.kind in _SETTLED:
                self._refused = (now, fault)
            raise
