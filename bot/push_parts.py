"""What the sending of pushes holds of the world, made from the parts: its roads and its pace."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from bot.assembly import Assembly
from bot.ports import Channel, SmsOffice
from bot.push.bucket import RateBucket
from bot.push.ports import Road
from bot.push.threaded_road import THREADS, ChannelRoad, SmsRoad
from bot.push.wechat_road import Meter, WeChatRoad, Wording


def push_roads(parts: Assembly, sms: SmsOffice) -> dict[str, Road]:
    """The roads by their names: of each channel that has rungs, and of SMS. Of one event loop."""
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="push-road")
    found: dict[str, Road] = {"sms": SmsRoad(sms, pool)}
    for name, channel in parts.channels.items():
        if channel.rungs:
            found[name] = _wechat_road(parts, channel) or ChannelRoad(channel, pool)
    return found


def push_bucket(parts: Assembly) -> RateBucket:
    """The pace that all campaigns share, with single notices and other processes."""
    return RateBucket(parts.rate, parts.city.sends_per_second, parts.city.push.bulk_share)


def _wechat_road(parts: Assembly, channel: Channel) -> WeChatRoad | None:
    """The road without threads, where the channel is one of WeChat's."""
    wording = getattr(channel, "channel", None)
    if not isinstance(channel, Meter) or not isinstance(wording, Wording):
        return None
    given = parts.settings
    client, base = parts.platform, given.wechat_api_base
    if channel.name != "wechat":
        client, base = parts.mini_platform, given.wechat_mini_api_base
    # Tokens and windows: Redis' answer is there in a fraction of a millisecond.
    pool = ThreadPoolExecutor(2, thread_name_prefix=f"push-{channel.name}")
    return WeChatRoad(wording, client, base, channel, pool)
