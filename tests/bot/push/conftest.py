"""The turn's rig, for pushes too, and a platform of WeChat."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis

from bot.channels.wechat.channel import WeChatChannel
from bot.channels.wechat.client import PlatformClient
from bot.channels.wechat.tokens import AccessTokens
from tests.bot.channels.wechat.accounts import APP_ID, KEYS, SECRET
from tests.bot.channels.wechat.platform import Platform, running
from tests.bot.push.wechat_rig import SITE
from tests.bot.turn.conftest import no_child_is_left, rig, rig_on_both

__all__ = ["no_child_is_left", "rig", "rig_on_both"]


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
    return WeChatChannel(client, SITE, clickable=True)
