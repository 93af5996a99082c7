"""The JSON API put together: which mini programs it serves, and how their platforms are asked.

Entered by `bot.app` alone, which mounts it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from bot.api.app import PREFIX, api_app
from bot.api.doors import Doors, PlatformAway, Program, Refused
from bot.assembly import Assembly
from bot.channels.alipay import login as alipay
from bot.channels.alipay.errors import GatewayError
from bot.channels.alipay.errors import Kind as AlipayKind
from bot.channels.alipay.gateway import Gateway
from bot.channels.alipay.identities import Identities
from bot.channels.alipay.phone import phone_number as alipay_phone
from bot.channels.wechat.client import PlatformClient
from bot.channels.wechat.errors import Kind, PlatformError
from bot.channels.wechat.login import log_in, phone_number
from bot.dialogue.messages import AccountKey
from bot.push.roads import push_rungs
from models.phones import PhoneFault, normalise_phone

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SECONDS = 5.0  # that a login waits for the platform
MAINLAND = ("86", "")


def mount_api(app: Flask, parts: Assembly) -> None:
    """Serve the API below its prefix. It is made when it is first called: nearly all of the work
    goes into its document, and many a process is started that nobody asks for either."""
    lock, made = Lock(), list[Flask]()

    def api(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with lock:
            if not made:
                made.append(api_app(doors_of(parts)))
        return made[0](environ, start_response)

    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {PREFIX: api})  # type: ignore[method-assign]


def doors_of(parts: Assembly) -> Doors:
    """What the API is made with."""
    return Doors(
        answer=parts.turns.answer,
        transcripts=parts.transcripts,
        database=parts.database,
        keys=parts.keys,
        city=parts.city,
        texts=parts.texts,
        clock=parts.sources.clock,
        site=parts.settings.public_url,
        programs=_programs(parts),
        telling=parts.telling,
        uploads=parts.uploads,
        new_id=parts.sources.new_id,
        limits=parts.limits,
        proxies=parts.settings.proxies,
        templates=parts.templates,
        rungs=push_rungs(parts.channels),
    )


def _programs(parts: Assembly) -> Mapping[str, Program]:
    found: dict[str, Program] = {}
    if parts.settings.has_wechat_mini:
        templates = parts.city.wechat.mini_subscriptions
        found["wechat"] = WeChatVisitors(parts.mini_platform, templates)
    if parts.settings.has_alipay or parts.settings.has_alipay_mini:
        found["alipay"] = AlipayVisitors(
            parts.alipay_mini, parts.alipay_identities, parts.city.alipay.mini_templates
        )
    return found


class WeChatVisitors:
    """Who visits the mini program of WeChat, by the codes that WeChat gives its front end."""

    channel = "mini_wechat"

    def __init__(self, client: PlatformClient, templates: Mapping[str, str]) -> None:
        self._client, self.templates = client, templates

    def visitor(self, code: str) -> AccountKey:
        """By a code of `wx.login`. Raises `Refused`, `PlatformAway`."""
        with _asking(self._client):
            openid = log_in(self._client, code).openid
        return _account(self.channel, str(self._client.appid), openid)

    def phone(self, account: AccountKey, given: Mapping[str, str]) -> str:
        """By the code of the button. Raises `Refused`, for a number of no mainland mobile too, and
        `PlatformAway`."""
        with _asking(self._client):
            found = phone_number(self._client, given["code"], account.user)
        if found.country not in MAINLAND:
            raise Refused
        return _mobile(found.number)


class AlipayVisitors:
    """Who visits the mini program of Alipay, by the codes that Alipay gives its front end."""

    channel = "mini_alipay"

    def __init__(
        self, gateway: Gateway, identities: Identities, templates: Mapping[str, str]
    ) -> None:
        self._gateway, self._identities, self.templates = gateway, identities, templates

    def visitor(self, code: str) -> AccountKey:
        """By a code of `my.getAuthCode`. Raises `Refused`, `PlatformAway`."""
        with _asking_alipay(self._gateway):
            names = alipay.log_in(self._gateway, code).names
        try:
            return self._identities.account(self.channel, self._gateway.app.app_id, names)
        except ValueError:
            raise PlatformAway("an id of another form") from None

    def phone(self, account: AccountKey, given: Mapping[str, str]) -> str:
        """What `my.getPhoneNumber` gave. Raises `Refused`, `PlatformAway`."""
        with _asking_alipay(self._gateway):
            number = alipay_phone(self._gateway.app, given["response"], given["sign"])
        return _mobile(number)


@contextmanager
def _asking_alipay(gateway: Gateway) -> Iterator[None]:
    try:
        with gateway.within(SECONDS):
            yield
    except GatewayError as fault:
        if fault.kind is AlipayKind.LOGIN:
            raise Refused from None
        raise PlatformAway(fault.detail) from None


@contextmanager
def _asking(client: PlatformClient) -> Iterator[None]:
    try:
        with client.within(SECONDS):
            yield
    except PlatformError as fault:
        if fault.kind is Kind.LOGIN:
            raise Refused from None
        raise PlatformAway(fault.detail) from None


def _account(channel: str, app: str, user: str) -> AccountKey:
    try:
        return AccountKey(channel, app, user)
    except ValueError:
        raise PlatformAway("an id of another form") from None


def _mobile(number: str) -> str:
    try:
        return normalise_phone(number)
    except PhoneFault:
        raise Refused from None
