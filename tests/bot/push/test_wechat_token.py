"""The road to WeChat: one token for all calls at once, and none of it in a log."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest
from redis import Redis

from bot.channels.wechat.channel import WeChatChannel
from bot.channels.wechat.client import PlatformClient
from bot.channels.wechat.tokens import AccessTokens
from bot.push import wechat_road
from bot.push.ports import Result
from bot.push.wechat_road import WeChatRoad
from tests.bot.channels.wechat.accounts import APP_ID, KEYS, PERSON, SECRET
from tests.bot.channels.wechat.platform import (
    Platform,
)
from tests.bot.push.wechat_rig import (
    SENDS,
    TOKEN_PATH,
    filled,
    over,
    sends,
)


def test_all_calls_in_flight_share_one_token_and_one_renewal(
    channel: WeChatChannel, client: PlatformClient, platform: Platform
) -> None:
    async def many(road: WeChatRoad) -> list[Result]:
        first = await asyncio.gather(*(road.send(filled(key=f"p1-{n}")) for n in range(30)))
        platform.tokens += 1  # the platform knows another one now
        platform.same_token = True
        return [
            *first,
            *await asyncio.gather(*(road.send(filled(key=f"p2-{n}")) for n in range(30))),
        ]

    results = over(channel, client, platform, many)
    assert results == [Result()] * 60
    counted = platform.counted()
    assert counted["stable_token"] == 2
    assert counted["message/template/send"] == 90, "each was sent once more"


def test_a_token_that_stays_refused_is_asked_for_once(
    channel: WeChatChannel, client: PlatformClient, platform: Platform
) -> None:
    platform.says(SENDS, {"errcode": 40001, "errmsg": "invalid credential"})

    async def many(road: WeChatRoad) -> list[Result]:
        return await asyncio.gather(*(road.send(filled(key=f"p1-{n}")) for n in range(20)))

    results = over(channel, client, platform, many)
    assert {result.reason for result in results} == {"transient"}
    assert platform.counted()["stable_token"] <= 3
    assert platform.counted()["message/template/send"] == 40


def test_a_neighbours_token_is_used_before_a_new_one_is_asked_for(
    channel: WeChatChannel, client: PlatformClient, platform: Platform, redis: Redis
) -> None:
    async def go(road: WeChatRoad) -> list[Result]:
        before = await road.send(filled())
        platform.tokens += 1
        platform.same_token = True
        neighbour = AccessTokens(redis, APP_ID, KEYS)
        beside = PlatformClient(APP_ID, SECRET, neighbour, api_base=platform.address)
        await asyncio.to_thread(beside.renewed_token, "token-1")
        asked = platform.counted()["stable_token"]
        after = await road.send(filled())
        assert platform.counted()["stable_token"] == asked
        return [before, after]

    assert over(channel, client, platform, go) == [Result(), Result()]


def test_a_refused_secret_stops_all_calls_for_a_while(
    channel: WeChatChannel, client: PlatformClient, platform: Platform
) -> None:
    platform.says(TOKEN_PATH, {"errcode": 40125, "errmsg": "invalid appsecret"})

    async def go(road: WeChatRoad) -> list[Result]:
        return [await road.send(filled()) for _ in range(3)]

    assert [found.reason for found in over(channel, client, platform, go)] == ["account"] * 3
    assert len(platform.calls) == 1


def test_a_call_that_is_given_up_lets_the_token_come_for_the_others(
    channel: WeChatChannel, client: PlatformClient, platform: Platform
) -> None:
    async def go(road: WeChatRoad) -> Result:
        first = asyncio.create_task(road.send(filled(key="p1-1")))
        second = asyncio.create_task(road.send(filled(key="p1-2")))
        await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        return await second

    assert over(channel, client, platform, go) == Result()
    assert [call.json["client_msg_id"] for call in sends(platform)] == ["p1-2"]


def test_neither_token_nor_message_stands_in_a_log(
    channel: WeChatChannel,
    client: PlatformClient,
    platform: Platform,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)

    def broken(*_: Any) -> Any:
        raise RuntimeError("https://api/?access_token=token-1")

    async def go(road: WeChatRoad) -> list[Result]:
        found = [await road.send(filled())]
        platform.says(SENDS, {"errcode": 48001, "errmsg": "token-1 陈国强 rid: 5-6"})
        found.append(await road.send(filled()))
        monkeypatch.setattr(wechat_road, "understood_json", broken)
        found.append(await road.send(filled()))
        return found

    results = over(channel, client, platform, go)
    assert [found.reason for found in results] == ["", "account", "unknown"]
    out, err = capfd.readouterr()
    told = "".join([out, err, caplog.text, *map(repr, results), repr(filled())])
    for secret in (SECRET, "token-1", "陈国强", "YZ2611230001", PERSON.user):
        assert secret not in told
    assert "road stumbled" in told
    assert json.loads(sends(platform)[0].body)["touser"] == PERSON.user
