"""Redis as one server, a real cluster of three masters, and a master behind a real Sentinel."""

from __future__ import annotations

import socket
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import redis
from redis.exceptions import RedisError
from typer.testing import CliRunner

from bot.cli import app
from bot.dialogue.messages import AccountKey, Kind, Reply, Update
from bot.limits import Limits
from bot.redis_client import connect_redis, node_infos
from bot.sessions import Done, Drains, Run, Sessions
from bot.work.bell import Bell, Listener
from config.city_limits import Limits as Rates
from models.sealing import Keyring
from tests.bot.commands.given import give
from tests.bot.site import Site
from tests.redis_topologies import SERVICE, cluster, fail_over, hosts, watched

KEYS = Keyring([(1, b"d" * 32)], b"i" * 32)


@pytest.fixture(scope="module")
def nodes() -> Iterator[list[redis.Redis]]:
    with cluster() as running:
        yield running


def turn(client: Any, user: str) -> None:
    """One whole turn, and its redelivery."""
    sessions = Sessions(client, KEYS)
    update = Update(
        uuid.uuid4().hex, AccountKey("wechat", "wx1", user), Kind.TEXT, at=datetime.now(UTC)
    )
    begun = sessions.begin(update, sessions.sealed(update), "me", lease_ms=2000)
    assert isinstance(begun, Run)
    committed = sessions.commit("me", begun.head, b"{}", Reply("好的"), lease_ms=2000)
    assert committed.status == "done"
    again = sessions.begin(update, sessions.sealed(update), "you", lease_ms=2000)
    assert isinstance(again, Done)
    assert again.reply == Reply("好的")
    Limits(client, KEYS, Rates()).take("visitor", user)


def test_turns_of_many_people_go_over_all_masters(nodes: list[redis.Redis]) -> None:
    client = connect_redis(f"redis+cluster://{hosts(nodes[:1])}")
    for number in range(12):
        turn(client, f"o{number}")
    assert all(node.dbsize() for node in nodes)
    client.close()


def test_lanes_are_woken_and_drains_claimed_on_a_cluster(nodes: list[redis.Redis]) -> None:
    client = connect_redis(f"redis+cluster://{hosts(nodes)}")
    drains, account = Drains(client), AccountKey("wechat", "wx1", "oDrained")
    drains.ask(account)
    due = drains.claim(1000)
    assert due is not None
    assert due.account == account
    drains.finish(due)
    heard: list[str] = []
    listener = Listener(client, heard.append)
    listener.start()
    try:
        assert listener.wait(5)
        Bell(client).ring("jobs")
        end = time.monotonic() + 5
        while not heard and time.monotonic() < end:
            time.sleep(0.01)
    finally:
        listener.stop()
        client.close()
    assert heard == ["jobs"]


def test_one_forgetful_node_makes_a_cluster_unready(
    nodes: list[redis.Redis], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"redis+cluster://{hosts(nodes)}"
    site = Site(tmp_path, url)
    give(monkeypatch, tmp_path, REDIS_URL=url)
    assert site.client.get("/readyz").status_code == 200
    assert "(3 nodes), evicts nothing" in CliRunner().invoke(app, ["doctor"]).output
    nodes[2].config_set("maxmemory-policy", "allkeys-lru")
    try:
        answer = site.client.get("/readyz")
        told = CliRunner().invoke(app, ["doctor"])
    finally:
        nodes[2].config_set("maxmemory-policy", "noeviction")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["eviction"] == "fault"
    assert told.exit_code == 1
    assert "(3 nodes) evicts (allkeys-lru)" in told.output
    site.close()


def test_turns_go_on_after_sentinel_has_chosen_another_master() -> None:
    with watched() as (sentinel, master, replica):
        client = connect_redis(f"redis+sentinel://{hosts([sentinel])}/{SERVICE}/0")
        turn(client, "oBefore")
        assert master.dbsize()
        assert [info["role"] for info in node_infos(client)] == ["master"]
        fail_over(sentinel, chosen=replica)
        master.shutdown(nosave=True)
        turn(client, "oAfter")
        assert replica.keys("*oAfter*")
        client.close()


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listening:
        threading.Thread(target=_hold, args=[listening], daemon=True).start()
        yield listening.getsockname()[1]


def _hold(listening: socket.socket) -> None:
    held = []
    while True:
        try:
            held.append(listening.accept()[0])
        except OSError:
            for connection in held:
                connection.close()
            return


@pytest.mark.parametrize("form", ["redis://{}", "redis+cluster://{}", "redis+sentinel://{}/card/0"])
def test_a_port_where_nobody_listens_costs_no_time(form: str) -> None:
    assert seconds(form.format("127.0.0.1:9")) < 0.5


@pytest.mark.parametrize("form", ["redis://{}", "redis+cluster://{}", "redis+sentinel://{}/card/0"])
def test_a_server_that_says_nothing_costs_two_seconds_at_most(form: str, silent: int) -> None:
    """Half a second each: connecting and connecting again, for the call and its repetition."""
    assert 0.4 < seconds(form.format(f"127.0.0.1:{silent}")) < 2.5


def seconds(url: str) -> float:
    """How long it takes until a call has failed."""
    began = time.monotonic()
    with pytest.raises(RedisError):
        connect_redis(url).ping()
    return time.monotonic() - began
