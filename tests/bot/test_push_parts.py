"""The roads and the pace of pushes, as the service is put together."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from bot.assembly import Assembly
from bot.ports import SmsOffice
from bot.push.ports import Road
from bot.push.threaded_road import ChannelRoad, SmsRoad
from bot.push.wechat_road import WeChatRoad
from bot.push_parts import push_bucket, push_roads
from tests.bot.channels.wechat.caller import MINI
from tests.bot.site import Site
from tests.bot.turn.rig import Recorder

OFFICE = cast(SmsOffice, None)


def kinds(roads: Mapping[str, Road]) -> dict[str, type[Road]]:
    assert all(road.name == name for name, road in roads.items())
    return {name: type(road) for name, road in roads.items()}


def test_each_channel_with_rungs_has_a_road_and_wechats_have_no_threads(site: Site) -> None:
    settings = site.parts.settings.model_copy(update=MINI)
    parts: Assembly = replace(site.parts, settings=settings)
    assert kinds(push_roads(parts, OFFICE)) == {
        "sms": SmsRoad,
        "wechat": WeChatRoad,
        "wechat_mini": WeChatRoad,
        "mini_wechat": WeChatRoad,
    }


def test_any_other_channel_is_called_in_threads(site: Site) -> None:
    other: Any = Recorder(site.parts.settings.data_dir / "log", "alipay")
    parts: Assembly = replace(site.parts, given_channels={"alipay": other})
    assert kinds(push_roads(parts, OFFICE)) == {"sms": SmsRoad, "alipay": ChannelRoad}


def test_the_pace_is_the_citys(site: Site) -> None:
    bucket = push_bucket(site.parts)

    async def take() -> tuple[int, int]:
        free = await bucket.take("", 50)
        paced = await bucket.take("wechat:wx1", 50)
        return len(free.starts), len(paced.starts)

    assert asyncio.run(take()) == (50, 0), "the first second after a loss is empty"
    bucket.close()
