"""Connecting to Redis: one server, a cluster, or a master behind Sentinel."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode, RedisCluster
from redis.retry import Retry
from redis.sentinel import Sentinel

SECONDS = 0.5
"""One call's limit. redis-py's own defaults spend 4.7 s on a port where nobody listens."""


def connect_redis(url: str) -> Any:
    """A client for `redis://`, `rediss://`, `unix://`, `redis+cluster://h:p,h:p` or
    `redis+sentinel://h:p,h:p/SERVICE/DB`. Every call ends within half a second, without retries
    of its own but one: the turn's scripts bear being sent twice."""
    options: dict[str, Any] = {
        "socket_timeout": SECONDS,
        "socket_connect_timeout": SECONDS,
        "retry": Retry(NoBackoff(), 1),
        "health_check_interval": 30,
    }
    scheme = urlsplit(url).scheme
    if scheme == "redis+cluster":
        nodes = [ClusterNode(host, port) for host, port in _hosts(url)]  # type: ignore[no-untyped-call]
        cluster: dict[str, Any] = {**_login(url), "socket_timeout": SECONDS}
        return RedisCluster(startup_nodes=nodes, **cluster)
    if scheme == "redis+sentinel":
        service, _, number = urlsplit(url).path.strip("/").partition("/")
        sentinel: Any = Sentinel(_hosts(url), socket_timeout=SECONDS)  # type: ignore[no-untyped-call]
        return sentinel.master_for(service, db=int(number or 0), **_login(url), **options)
    return redis.Redis.from_url(url, **options)


def _hosts(url: str) -> list[tuple[str, int]]:
    hosts = urlsplit(url).netloc.rpartition("@")[2].split(",")
    return [(host.rpartition(":")[0], int(host.rpartition(":")[2])) for host in hosts]


def _login(url: str) -> dict[str, str]:
    user, _, password = urlsplit(url).netloc.rpartition("@")[0].partition(":")
    return {"username": unquote(user), "password": unquote(password)} if password else {}
