"""A platform on loopback, our client of it over a real Redis, and the channel over that."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis

from bot.channels.wechat.channel import WeChatChannel
from bot.channels.wechat.client import PlatformClient
from bot.channels.wechat.tokens import AccessTokens
from tests.bot.channels.wechat.accounts import APP_ID, KEYS, SECRET
from tests.bot.channels.wechat.platform import Platform, running


@pytest.fixture
def platform() -> Iterator[Platform]:
    with running() as server:
        yield server


@pytest.fixture
def client(platform: Platform, redis: Redis) -> Iterator[PlatformClient]:
    tokens = AccessTokens(redis, APP_ID, KEYS)
    made = PlatformClient(APP_ID, SECRET, tokens, api_base=platform.address)
    yield made
    made._http.close()


@pytest.fixture
def channel(client: PlatformClient) -> WeChatChannel:
    return WeChatChannel(client, "https://card.example")
