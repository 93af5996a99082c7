"""Processes of their own that start together, over one Redis: what the account is lent is fetched
once. A real Redis, real processes, the platform over HTTP."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from redis import Redis

from bot.channels.wechat.client import PlatformClient
from bot.channels.wechat.tokens import AccessTokens
from tests.bot.channels.wechat.accounts import APP_ID, KEYS, PERSON, SECRET
from tests.bot.channels.wechat.platform import Platform
from tests.bot.turn.processes import Child, forked

_PROCESSES = 20
_GO = "go"


@pytest.fixture
def together(
    platform: Platform, redis: Redis, redis_url: str
) -> Iterator[Callable[[Callable[[PlatformClient], Any]], list[Any]]]:
    """Does something in twenty processes at once, each with a client of its own."""
    children: list[Child] = []

    def run(call: Callable[[PlatformClient], Any]) -> list[Any]:
        def work() -> Any:
            own = Redis.from_url(redis_url)
            tokens = AccessTokens(own, APP_ID, KEYS)
            client = PlatformClient(APP_ID, SECRET, tokens, api_base=platform.address, seconds=10.0)
            own.incr("ready")
            while not own.exists(_GO):
                time.sleep(0.005)
            return call(client)

        children.extend(forked(work) for _ in range(_PROCESSES))
        while int(redis.get("ready") or 0) < _PROCESSES:
            time.sleep(0.01)
        redis.set(_GO, 1)
        return [child.answer() for child in children]

    yield run
    for child in children:
        child.bury()


def _slow(answer: dict[str, Any]) -> Callable[[Any], None]:
    """An answer that takes long enough for all of them to ask meanwhile."""

    def tell(handler: Any) -> None:
        time.sleep(0.3)
        handler.platform.tokens = 1
        handler.write(json.dumps(answer).encode(), "application/json")

    return tell


Together = Callable[[Callable[[PlatformClient], Any]], list[Any]]


def test_twenty_processes_that_start_together_fetch_one_token(
    together: Together, platform: Platform
) -> None:
    platform.says("/cgi-bin/stable_token", _slow({"access_token": "token-1", "expires_in": 7200}))
    sent = together(lambda client: client.message.send_text(PERSON.user, "你好")["errmsg"])
    assert sent == ["ok"] * _PROCESSES
    assert platform.counted() == {"stable_token": 1, "message/custom/send": _PROCESSES}


def test_twenty_processes_that_need_the_ticket_fetch_it_once(
    together: Together, platform: Platform
) -> None:
    ticket = {"errcode": 0, "ticket": "ticket-1", "expires_in": 7200}
    platform.says("/cgi-bin/ticket/getticket", _slow(ticket))
    assert together(PlatformClient.page_ticket) == ["ticket-1"] * _PROCESSES
    assert platform.counted() == {"stable_token": 1, "ticket/getticket": 1}
