"""The card form over a real cluster, and while a real Sentinel chooses another master."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.end_to_end.player import Player
from tests.end_to_end.service import Service, serving
from tests.end_to_end.steps import QUESTIONS
from tests.end_to_end.test_walks import CHEN, applied, has_left
from tests.end_to_end.walks import BACK, FRONT, Said, picture_read_before, walk, with_photos
from tests.redis_topologies import SERVICE, cluster, die, hosts, watched

ELECTION_SECONDS = 30.0  # a second of silence, the vote, the promotion; ours is at most one call
NOTICE, WORK = (next(q for q in QUESTIONS if q.step == step) for step in ("notice", "work"))


def test_the_card_over_a_cluster_of_three_masters(tmp_path: Path) -> None:
    picture_read_before(FRONT, BACK)
    with cluster() as nodes, serving(tmp_path, f"redis+cluster://{hosts(nodes)}") as service:
        player = service.player()
        has_left(service, player, applied(service, player, with_photos()), CHEN)
        others = [service.player() for _ in range(12)]
        for other in others:
            walk(other, with_photos(), until="notice")
        for other in others:
            assert NOTICE.asks in other.say("继续")
        assert sum(bool(node.keys("*oPlayer*")) for node in nodes) >= 2


@pytest.fixture
def behind_sentinel(tmp_path: Path) -> Iterator[tuple[Service, redis.Redis, redis.Redis]]:
    """A service, the master that a sentinel has chosen for it, and the master's replica."""
    with watched() as (sentinel, master, replica):
        url = f"redis+sentinel://{hosts([sentinel])}/{SERVICE}/0"
        with serving(tmp_path, url) as service:
            yield service, master, replica


def test_a_master_that_dies_in_mid_conversation_costs_nobody_a_word(
    behind_sentinel: tuple[Service, redis.Redis, redis.Redis],
) -> None:
    service, master, replica = behind_sentinel
    picture_read_before(FRONT, BACK)
    player = service.player()
    walk(player, with_photos(), until="work")
    assert master.wait(1, 5000) == 1  # the replica has it all
    die(master)
    come_back(player, replica)
    last = walk(player, rest())
    (application,) = service.applications(player)
    assert application.number in last
    has_left(service, player, application, CHEN)
    applied(service, service.player(), with_photos(phone=service.phone()))


def rest() -> list[Said]:
    """What is left to say from the question about work on."""
    said = with_photos()
    return said[[message.step for message in said].index("work") :]


def come_back(player: Player, chosen: redis.Redis) -> None:
    """Ask for the open question until there is an answer but the apology; from another master."""
    ends = time.monotonic() + ELECTION_SECONDS
    while WORK.asks not in (answer := player.voice()):
        assert "没有办成" in answer, answer
        assert time.monotonic() < ends, answer
    assert chosen.info()["role"] == "master"
