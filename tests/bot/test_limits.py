"""How often somebody may ask: counted in Redis, one person apart from another."""

from __future__ import annotations

import threading
from uuid import uuid4

import pytest
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from bot.limits import Act, Limits, address_of
from bot.redis_client import connect_redis
from config.city_limits import Limits as Rates
from config.city_limits import Rate
from tests.models.making import KEYS

SLOW = Rates(visitor=Rate(5, 3600), address=Rate(5, 3600), code=Rate(20, 1))


@pytest.fixture
def limits(redis_url: str) -> Limits:
    return Limits(connect_redis(redis_url), KEYS, SLOW)


def granted(limits: Limits, act: Act, who: str, tries: int) -> int:
    """How many of so many tries are not refused."""
    count = 0
    for _ in range(tries):
        try:
            limits.take(act, who)
        except TooManyRequests:
            continue
        count += 1
    return count


def test_so_many_are_granted_and_no_more(limits: Limits) -> None:
    assert granted(limits, "visitor", uuid4().hex, 12) == 5


def test_whoever_is_refused_hears_how_long_to_wait(limits: Limits) -> None:
    who = uuid4().hex
    assert granted(limits, "visitor", who, 5) == 5
    with pytest.raises(TooManyRequests) as refused:
        limits.take("visitor", who)
    assert 3600 / 5 - 5 < int(refused.value.get_response().headers["Retry-After"]) <= 3600 / 5


def test_who_waited_is_granted_again(limits: Limits) -> None:
    who = uuid4().hex
    granted(limits, "code", who, 30)
    pause = threading.Event()
    assert not pause.wait(0.12)  # a twentieth of a second is the wait for one
    assert granted(limits, "code", who, 1) >= 1


def test_people_and_acts_are_counted_apart(limits: Limits) -> None:
    who, other = uuid4().hex, uuid4().hex
    assert granted(limits, "visitor", who, 6) == 5
    assert granted(limits, "visitor", other, 6) == 5
    assert granted(limits, "address", who, 6) == 5


def test_many_at_once_get_no_more_than_one_after_the_other(redis_url: str) -> None:
    who, counts = uuid4().hex, []

    def ask() -> None:
        counts.append(granted(Limits(connect_redis(redis_url), KEYS, SLOW), "visitor", who, 10))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 5


def test_no_address_stands_in_redis_and_nothing_stays_longer_than_it_counts(
    limits: Limits, redis_url: str
) -> None:
    address = "203.0.113.77"
    limits.take("address", address)
    client = connect_redis(redis_url)
    names = [name for name in client.scan_iter("*shebaoka:limit*") if client.pttl(name) != -1]
    assert names
    assert len(names) == len(list(client.scan_iter("*shebaoka:limit*")))
    assert not any(address.encode() in name for name in names)
    client.close()


def test_without_redis_what_is_counted_is_refused() -> None:
    nobody = Limits(connect_redis("redis://127.0.0.1:9"), KEYS, SLOW)
    with pytest.raises(ServiceUnavailable):
        nobody.take("visitor", "somebody")


@pytest.mark.parametrize(
    ("connection", "forwarded", "proxies", "address"),
    [
        ("192.0.2.1", "198.51.100.7", 0, "192.0.2.1"),  # a header that nobody vouches for
        ("127.0.0.1", "198.51.100.7", 1, "198.51.100.7"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.7", 1, "198.51.100.7"),  # written by the client itself
        ("127.0.0.1", "198.51.100.7, 10.0.0.2", 2, "198.51.100.7"),
        ("127.0.0.1", "", 1, "127.0.0.1"),
        ("127.0.0.1", "198.51.100.7", 2, "127.0.0.1"),
        ("127.0.0.1", "not an address", 1, "unknown"),
        ("2001:db8:1:2:3:4:5:6", "", 0, "2001:db8:1:2::"),
        ("2001:db8:1:2::9", "", 0, "2001:db8:1:2::"),
        ("::ffff:192.0.2.1", "", 0, "192.0.2.1"),
    ],
)
def test_the_address_is_the_connections_unless_a_proxy_of_ours_says_another(
    connection: str, forwarded: str, proxies: int, address: str
) -> None:
    headers = [("X-Forwarded-For", forwarded)] if forwarded else []
    environ = EnvironBuilder(headers=headers, environ_base={"REMOTE_ADDR": connection})
    assert address_of(Request(environ.get_environ()), proxies) == address
