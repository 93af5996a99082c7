"""How often pages and the JSON API may be asked: counted in our Redis, over all processes.

Webhooks are never counted: a platform that is refused delivers again. Without Redis what is
counted is refused: it could not be answered without conversations either, and an SMS code must
not be had more often on a bad day.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import Any, Literal, Protocol

import structlog
from redis.exceptions import RedisError
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests
from werkzeug.wrappers import Request

from config.city_limits import Limits as Rates
from models.sealing import Keyring

Act = Literal["visitor", "address", "code", "api", "api_address", "login", "push"]
AWAY_SECONDS = 5  # after which somebody may try again whose calls could not be counted

# One number per key: when the last granted call would have been due, had the calls come evenly.
# KEYS: one. ARGV: microseconds between two calls, those a whole batch may be ahead.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local between, ahead = tonumber(ARGV[1]), tonumber(ARGV[2])
local due = math.max(now, tonumber(redis.call('GET', KEYS[1]) or '0')) + between
if due - now > ahead then return string.format('%.0f', due - now - ahead) end
redis.call('SET', KEYS[1], string.format('%.0f', due), 'PX', math.ceil((due - now) / 1000) + 1)
return '0'
"""

log = structlog.get_logger(__name__)


class RedisClient(Protocol):
    def register_script(self, script: str) -> Callable[..., Any]: ...


class Limits:
    """Counts what somebody does. `who` (an account's key, an address) is kept as a keyed hash."""

    def __init__(self, redis_client: RedisClient, keys: Keyring, rates: Rates) -> None:
        self._take = redis_client.register_script(_TAKE)
        self._keys, self._rates = keys, {act: Rate(**rate) for act, rate in asdict(rates).items()}

    def take(self, act: Act, who: str) -> None:
        """One more. Raises `TooManyRequests` with the wait as its Retry-After, in seconds;
        `ServiceUnavailable` where nobody can count."""
        rate = self._rates[act]
        key = f"{{shebaoka:limit:{act}:{self._keys.index('limit', act, who)}}}"
        try:
            micros = int(self._take(keys=[key], args=[rate.between, rate.ahead]))
        except RedisError as error:
            log.warning("not counted", fault=type(error).__name__, act=act)
            raise ServiceUnavailable(retry_after=AWAY_SECONDS) from None
        if micros:
            log.info("too many", act=act)
            raise TooManyRequests(retry_after=ceil(micros / 1_000_000))


class Rate:
    """A rate in microseconds."""

    def __init__(self, times: int, seconds: int) -> None:
        self.ahead = seconds * 1_000_000
        self.between = self.ahead // times


def address_of(request: Request, proxies: int) -> str:
    """Where a request comes from, as far as it is counted: an IPv4 address, or the network of an
    IPv6 one, of which a household has as many addresses as it likes.

    The connection's own, unless `proxies` of ours stand before us, each of which writes whom it
    speaks for at the end of X-Forwarded-For: what stands further to the left anybody may write.
    """
    address = request.remote_addr or ""
    if proxies:
        told = [part.strip() for part in ",".join(_forwarded(request)).split(",") if part.strip()]
        address = told[-proxies] if len(told) >= proxies else address
    return _network(address)


def _forwarded(request: Request) -> list[str]:
    return request.headers.getlist("X-Forwarded-For")


def _network(address: str) -> str:
    try:
        parsed = ip_address(address.strip("[]"))
    except ValueError:
        return "unknown"
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(IPv6Address(int(parsed) >> 64 << 64))
    return str(parsed)
