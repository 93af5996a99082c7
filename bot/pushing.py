"""The lanes of pushes, put together: to many people one by one, and to many in one call."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any, cast
from uuid import uuid4

from bot.assembly import Assembly
from bot.channels.wechat.masses import WeChatMasses
from bot.push import threaded_road
from bot.push.bucket import RateBucket
from bot.push.lane import PushLane
from bot.push.mass import Masses
from bot.push.ports import Road
from bot.push.threaded_road import ChannelRoad, SmsRoad
from bot.push.wechat_road import WeChatRoad
from bot.work.desk import Tools
from bot.work.lane import Claim

_ASKING_THREADS = 8  # for tokens and windows


def push_lane(parts: Assembly, tools: Tools) -> PushLane:
    """The lane of all channels that something can be sent by, and of SMS."""
    calling = ThreadPoolExecutor(threaded_road.THREADS, thread_name_prefix="push-call")
    asking = ThreadPoolExecutor(_ASKING_THREADS, thread_name_prefix="push-ask")
    wechats = {} if parts.given_channels is not None else _wechat_roads(parts, asking)
    others = [
        ChannelRoad(channel, calling)
        for name, channel in parts.channels.items()
        if channel.rungs and name not in wechats
    ]
    given: list[Road] = [*wechats.values(), *others, SmsRoad(tools.offices.sms, calling)]
    bucket = RateBucket(parts.rate, parts.city.sends_per_second, parts.city.push.bulk_share)

    def close() -> None:
        for road in wechats.values():
            road.close()
        bucket.close()
        for pool in (calling, asking):
            pool.shutdown(wait=False, cancel_futures=True)

    return PushLane(
        tools,
        {road.name: road for road in given},
        bucket,
        parts.redis,
        uuid4().hex,
        close_roads=close,
        hook=parts.hook,
    )


def mass_lane(parts: Assembly, tools: Tools) -> dict[str, Claim]:
    """群发 of the official account, where there is one."""
    if parts.given_channels is not None or not parts.settings.wechat_app_id:
        return {}
    calls = WeChatMasses(parts.platform, parts.settings.public_url)
    return {"masses": Masses(tools, calls, parts.hook).claim}


def _wechat_roads(parts: Assembly, asking: Executor) -> Mapping[str, WeChatRoad]:
    given = parts.settings
    bases = {"wechat": given.wechat_api_base} | dict.fromkeys(
        ("wechat_mini", "mini_wechat"), given.wechat_mini_api_base
    )
    return {
        name: WeChatRoad(
            cast(Any, parts.own_channels[name]),
            parts.platform if name == "wechat" else parts.mini_platform,
            base,
            cast(Any, parts.channels[name]),
            asking,
        )
        for name, base in bases.items()
        if name in parts.own_channels
    }
