"""The addresses that WeChat and Alipay push to: a codec and a view for each.

Entered by `bot.app` alone, which mounts them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from uuid import uuid4

import structlog
from flask import Blueprint

from bot.assembly import Assembly
from bot.channels.alipay.aside import Aside
from bot.channels.alipay.channel import AlipayChannel
from bot.channels.alipay.codec import AlipayCodec
from bot.channels.alipay.replies import Answers
from bot.channels.alipay.verification import Verifier
from bot.channels.alipay.views import Service, alipay_views
from bot.channels.wechat.channel import WeChatMiniChannel
from bot.channels.wechat.codec import WeChatCodec
from bot.channels.wechat.nonces import RedisNonces
from bot.channels.wechat.views import wechat_views
from bot.dialogue.messages import AccountKey, Reply
from bot.ports import Channel, SendError
from bot.website.operations import (
    ALIPAY_REFUSED,
    ALIPAY_SECOND_RULE,
    ALIPAY_UNREAD,
    count_refused,
    count_unread,
)

ALIPAY_SECONDS = 0.8  # that a request may wait: Alipay wants its acknowledgement within a second
LATE_SECONDS = 1.0  # of the platform's five, after a turn that may have taken most of them

log = structlog.get_logger(__name__)


def webhooks(parts: Assembly) -> Iterator[Blueprint]:
    """The official account's, and those of the mini program and of Alipay where they are set."""
    settings = parts.settings
    if settings.has_alipay:
        yield _alipay(parts)
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


def _alipay(parts: Assembly) -> Blueprint:
    """The application gateway. Its own deadline is not documented; what is known is that nothing
    may be waited for."""
    app_id, style = parts.settings.alipay_app_id, parts.city.alipay
    codec = AlipayCodec(
        app_id,
        Verifier(
            parts.alipay_keys.alipays,
            style.sign_types,
            style.second_rule,
            lambda family: ALIPAY_SECOND_RULE.labels(family.name.lower()).inc(),
        ),
        parts.sources.clock,
        fresh=timedelta(hours=style.fresh_hours),
        ant_fresh=timedelta(hours=style.ant_fresh_hours),
        id_leaves=style.open_id_leaves,
    )
    service = Service(
        take=partial(parts.turns.take, seconds=ALIPAY_SECONDS),
        owe=parts.turns.deliver,
        account=partial(parts.alipay_identities.account, AlipayChannel.name, app_id),
        late=Aside(partial(_send_late, parts.channels[AlipayChannel.name])),
        apology=parts.texts.say("zh_CN", "apology"),
        clock=parts.sources.clock,
        count=lambda reason: ALIPAY_REFUSED.labels(reason).inc(),
        count_unread=lambda name: ALIPAY_UNREAD.labels(name).inc(),
    )
    return alipay_views(codec, Answers(parts.alipay_keys, app_id, style.acknowledge), service)


def _send_late(channel: Channel, account: AccountKey, reply: Reply) -> None:
    """Out of the ordinary: an apology where not even the mailbox could be reached."""
    try:
        channel.send(account, reply, uuid4().hex, LATE_SECONDS)
    except SendError as error:
        log.warning("apology not sent", reason=error.reason)
