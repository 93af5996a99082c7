"""The addresses that WeChat and Alipay push to: a codec and a view for each.

Entered by `bot.app` alone, which mounts them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import uuid4

import structlog
from flask import Blueprint
from sqlalchemy.exc import SQLAlchemyError

from bot.assembly import Assembly
from bot.channels.alipay.aside import Aside
from bot.channels.alipay.channel import AlipayChannel
from bot.channels.alipay.codec import AlipayCodec, App
from bot.channels.alipay.gateway import Application
from bot.channels.alipay.keys import AppKeys
from bot.channels.alipay.replies import Answers
from bot.channels.alipay.verification import Family, Verifier
from bot.channels.alipay.views import Service, alipay_views
from bot.channels.wechat.channel import WeChatMiniChannel
from bot.channels.wechat.codec import WeChatCodec
from bot.channels.wechat.nonces import RedisNonces
from bot.channels.wechat.views import wechat_views
from bot.dialogue.messages import AccountKey, Kind, Reply, Update
from bot.ports import Channel, SendError
from bot.sessions import SessionsAway
from bot.website.operations import (
    ALIPAY_REFUSED,
    ALIPAY_SECOND_RULE,
    ALIPAY_UNREAD,
    count_refused,
    count_unread,
)
from models.people import find_account
from models.platform_ids import PlatformName

ALIPAY_PROGRAM = "mini_alipay"  # the channel of Alipay's mini program
WECHAT_PROGRAM = "mini_wechat"  # … and of WeChat's, beside that of its chat
ALIPAY_SECONDS = 0.8  # that a request may wait: Alipay wants its acknowledgement within a second

LATE_SECONDS = 1.0  # of the platform's five, after a turn that may have taken most of them

log = structlog.get_logger(__name__)


def webhooks(parts: Assembly) -> Iterator[Blueprint]:
    """The official account's, and those of the mini program and of Alipay where they are set."""
    settings = parts.settings
    if settings.has_alipay or settings.has_alipay_mini:
        yield _alipay(parts)
    account = WeChatCodec(
        settings.wechat_token,
        settings.wechat_app_id,
        clock=parts.sources.clock,
        mode=settings.wechat_mode,
        aes_key=settings.wechat_aes_key,
    )
    yield _webhook(parts, account, settings.wechat_app_id, "/wechat", parts.turns.take)
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
        take = partial(_of_chat_and_program, parts)
        yield _webhook(parts, mini, settings.wechat_mini_app_id, "/wechat/mini", take, late)


def _webhook(
    parts: Assembly,
    codec: WeChatCodec,
    app_id: str,
    path: str,
    take: Callable[[Update], Reply | None],
    late: Callable[[AccountKey, Reply], None] | None = None,
) -> Blueprint:
    return wechat_views(
        codec,
        take,
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
    life, style = parts.settings.alipay_app_id, parts.city.alipay
    apps = {app.app_id: app for app in _alipay_apps(parts)}
    codec = AlipayCodec(
        life,
        {app_id: _alipay_app(parts, app) for app_id, app in apps.items()},
        parts.sources.clock,
        fresh=timedelta(hours=style.fresh_hours),
        ant_fresh=timedelta(hours=style.ant_fresh_hours),
        id_leaves=style.open_id_leaves,
    )
    answers = {
        app_id: Answers(AppKeys(app.own, app.alipays), app_id, style.acknowledge)
        for app_id, app in apps.items()
    }
    service = Service(
        take=partial(parts.turns.take, seconds=ALIPAY_SECONDS),
        owe=partial(_owe, parts),
        account=partial(parts.alipay_identities.account, AlipayChannel.name, life),
        concerned=partial(_concerned, parts),
        late=Aside(
            lambda account, said: _send_late(parts.channels[account.channel], account, said)
        ),
        apology=parts.texts.say("zh_CN", "apology"),
        clock=parts.sources.clock,
        count=lambda reason: ALIPAY_REFUSED.labels(reason).inc(),
        count_unread=lambda name: ALIPAY_UNREAD.labels(name).inc(),
    )
    return alipay_views(codec, answers, service)


def _alipay_apps(parts: Assembly) -> Iterator[Application]:
    """Those whose gateway this is: the life account's, and a mini program's of its own."""
    if parts.settings.has_alipay:
        yield parts.alipay.app
    if parts.settings.has_alipay_mini:
        yield parts.alipay_mini.app


def _alipay_app(parts: Assembly, app: Application) -> App:
    style = parts.city.alipay
    verifier = Verifier(app.alipays, style.sign_types, style.second_rule, _by_the_other_rule)
    return App(verifier, app.content_key)


def _by_the_other_rule(family: Family) -> None:
    log.info("alipay.second_rule", family=family.name.lower())
    ALIPAY_SECOND_RULE.labels(family.name.lower()).inc()


def _concerned(parts: Assembly, app: str, names: Sequence[PlatformName]) -> list[AccountKey]:
    """The accounts of one person in the channels of an application."""
    life = parts.settings.alipay_app_id
    apps = {AlipayChannel.name: life, ALIPAY_PROGRAM: parts.settings.alipay_mini_app_id or life}
    channels = [c for c, served in apps.items() if served == app and c in parts.channels]
    found = (parts.alipay_identities.known(channel, app, names) for channel in channels)
    return [account for account in found if account]


def _of_chat_and_program(parts: Assembly, update: Update) -> Reply | None:
    """What the mini program of WeChat pushes is about its chat; but a permission that is withdrawn
    was given to its pages, too."""
    if update.kind is Kind.REVOKED:
        program = AccountKey(WECHAT_PROGRAM, update.account.app, update.account.user)
        if _is_known(parts, program):
            _owe(parts, replace(update, account=program))
    return parts.turns.take(update)


def _is_known(parts: Assembly, account: AccountKey) -> bool:
    """Whether anything was ever written of it, or may have been."""
    try:
        with parts.database.reading() as records:
            return find_account(records, str(account)) is not None
    except SQLAlchemyError:
        return True


def _owe(parts: Assembly, update: Update) -> bool:
    """A duty to delete: what a page of ours shows of the conversation, then the rest in its turn.
    False when it may be lost."""
    try:
        parts.transcripts.forget(update.account)
    except SessionsAway:
        return False
    return parts.turns.deliver(update)


def _send_late(channel: Channel, account: AccountKey, reply: Reply) -> None:
    """Out of the ordinary: an apology where not even the mailbox could be reached."""
    try:
        channel.send(account, reply, uuid4().hex, LATE_SECONDS)
    except SendError as error:
        log.warning("apology not sent", reason=error.reason)
