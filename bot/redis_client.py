"""Connecting to Redis: one server, a cluster, or a master behind Sentinel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import unquote, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode, RedisCluster
from redis.exceptions import RedisClusterException, RedisError
from redis.retry import Retry
from redis.sentinel import Sentinel

from bot.redis_scripts import ScriptRedis

SECONDS = 0.5
"""One call's limit. redis-py's own defaults spend 4.7 s on a port where nobody listens."""

HEALTH_CHECK_SECONDS = 30


def connect_redis(url: str) -> Any:
    """A client for `redis://`, `rediss://`, `unix://`, `redis+cluster://h:p,h:p` or
    `redis+sentinel://h:p,h:p/SERVICE/DB`. Every exchange with a server ends within half a second,
    and a call is repeated once at most: the turn's scripts bear being sent twice. What goes wrong
    is a `RedisError`.

    A cluster is asked for its nodes at once: `RedisError` when none of these answers.
    """
    match urlsplit(url).scheme:
        case "redis+cluster":
            return _cluster(url)
        case "redis+sentinel":
            return _behind_sentinel(url)
        case _:
            return ScriptRedis.from_url(url, **_patience(), retry=_once_more())


def node_infos(client: Any) -> Iterator[Mapping[str, Any]]:
    """What `INFO` says on every server that holds conversations, a cluster's replicas too.

    Raises `RedisError` when one does not answer, but for a replica: its master still serves.
    """
    if not isinstance(client, RedisCluster):
        yield client.info()
        return
    for node in client.get_primaries():  # type: ignore[no-untyped-call]
        yield client.info(target_nodes=node)
    for node in client.get_replicas():  # type: ignore[no-untyped-call]
        with suppress(RedisError):
            yield client.info(target_nodes=node)


def _patience() -> dict[str, Any]:
    return {
        "socket_timeout": SECONDS,
        "socket_connect_timeout": SECONDS,
        "health_check_interval": HEALTH_CHECK_SECONDS,
    }


def _once_more() -> Retry:
    return Retry(NoBackoff(), 1)


class _Cluster(RedisCluster):
    """A cluster whose absence is a `RedisError` as everybody else's: redis-py's own is none."""

    def __init__(self, **options: Any) -> None:
        with _as_redis_error():
            super().__init__(**options)

    def execute_command(self, *args: Any, **kwargs: Any) -> Any:
        with _as_redis_error():
            return super().execute_command(*args, **kwargs)  # type: ignore[no-untyped-call]


@contextmanager
def _as_redis_error() -> Iterator[None]:
    try:
        yield
    except RedisClusterException as fault:
        raise redis.ConnectionError(type(fault).__name__) from None


def _cluster(url: str) -> Any:
    nodes = [ClusterNode(host, port) for host, port in _hosts(url)]  # type: ignore[no-untyped-call]
    return _Cluster(startup_nodes=nodes, retry=_once_more(), **_login(url), **_patience())


def _behind_sentinel(url: str) -> Any:
    service, _, number = urlsplit(url).path.strip("/").partition("/")
    watchers: Any = Sentinel(  # type: ignore[no-untyped-call]
        _hosts(url), sentinel_kwargs={**_patience(), "retry": Retry(NoBackoff(), 0)}
    )
    options = {**_login(url), **_patience(), "retry": _once_more()}
    return watchers.master_for(service, redis_class=ScriptRedis, db=int(number or 0), **options)


def _hosts(url: str) -> list[tuple[str, int]]:
    hosts = urlsplit(url).netloc.rpartition("@")[2].split(",")
    return [(host.rpartition(":")[0], int(host.rpartition(":")[2])) for host in hosts]


def _login(url: str) -> dict[str, str]:
    user, _, password = urlsplit(url).netloc.rpartition("@")[0].partition(":")
    return {"username": unquote(user), "password": unquote(password)} if password else {}
