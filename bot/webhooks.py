"""The addresses that WeChat pushes to: one codec, one memory of nonces and one view for each.

Entered by `bot.app` alone, which mounts them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from uuid import uuid4

import structlog
from flask import Blueprint

from bot.assembly import Assembly
from bot.channels.wechat.channel import WeChatMiniChannel
from bot.channels.wechat.codec import WeChatCodec
from bot.channels.wechat.nonces import RedisNonces
from bot.channels.wechat.views import wechat_views
from bot.dialogue.messages import AccountKey, Reply
from bot.ports import Channel, SendError
from bot.website.operations import count_refused, count_unread

LATE_SECONDS = 1.0  # of the platform's five, after a turn that may have taken most of them

log = structlog.get_logger(__name__)


def webhooks(parts: Assembly) -> Iterator[Blueprint]:
    """The official account's, and the mini program's where there is one."""
    settings = parts.settings
    account = WeChatCodec(
        settings.wechat_token,
        settings.wechat_app_id,
        clock=parts.sources.clock,
        mode=settings.wechat_mode,
        aes_key=settings.wechat_aes_key,
    )
    yield _webhook(parts, account, settings.wechat_app_id, "/wechat")
    if settings.has_wechat_mini:
        mini = WeChatCodec(
            settings.wechat_mini_token,
            settings.wechat_mini_app_id,
            clock=parts.sources.clock,
            mode=settings.wechat_mini_mode,
            aes_key=settings.wechat_mini_aes_key,
            channel=WeChatMiniChannel.name,
        )
        late = partial(_send_late, parts.channels[WeChatMiniChannel.name])
        yield _webhook(parts, mini, settings.wechat_mini_app_id, "/wechat/mini", late)


def _webhook(
    parts: Assembly,
    codec: WeChatCodec,
    app_id: str,
    path: str,
    late: Callable[[AccountKey, Reply], None] | None = None,
) -> Blueprint:
    return wechat_views(
        codec,
        parts.turns.take,
        nonces=RedisNonces(parts.redis, app_id),
        apology=parts.texts.say("zh_CN", "apology"),
        site=parts.settings.public_url,
        count=count_refused,
        count_unread=count_unread,
        late=late,
        path=path,
        clickable=parts.city.wechat.clickable_options and late is None,
    )


def _send_late(channel: Channel, account: AccountKey, reply: Reply) -> None:
    """Out of the ordinary: an apology where not even the mailbox could be reached."""
    try:
        channel.send(account, reply, uuid4().hex, LATE_SECONDS)
    except SendError as error:
        log.warning("apology not sent", reason=error.reason)
