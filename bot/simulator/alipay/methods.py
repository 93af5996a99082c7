"""The methods of the gateway by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.simulator.alipay import checks, logins, sends
from bot.simulator.alipay.account import AlipayAccount
from bot.simulator.alipay.asked import Asked

Method = Callable[[AlipayAccount, Asked], Mapping[str, Any]]


def _create_menu(account: AlipayAccount, asked: Asked) -> Mapping[str, Any]:
    return {**sends.DONE, **account.menus.create(asked.biz)}


def _modify_menu(account: AlipayAccount, asked: Asked) -> Mapping[str, Any]:
    return {**sends.DONE, **account.menus.modify(asked.biz)}


def _query_menu(account: AlipayAccount, asked: Asked) -> Mapping[str, Any]:
    return {**sends.DONE, **account.menus.query()}


SENDS = frozenset(
    {
        "alipay.open.public.message.custom.send",
        "alipay.open.public.message.single.send",
        "alipay.open.app.mini.templatemessage.send",
    }
)
"""These are counted by `SendLog`."""

METHODS: dict[str, Method] = {
    "alipay.open.public.message.custom.send": sends.custom,
    "alipay.open.public.message.single.send": sends.single,
    "alipay.open.app.mini.templatemessage.send": sends.mini,
    "alipay.open.app.messagetemplate.subscribe.query": sends.subscriptions,
    "alipay.open.public.menu.create": _create_menu,
    "alipay.open.public.menu.modify": _modify_menu,
    "alipay.open.public.menu.query": _query_menu,
    "alipay.system.oauth.token": logins.token,
    "alipay.user.info.share": logins.shared,
    "alipay.user.certify.open.initialize": checks.begin,
    "alipay.user.certify.open.query": checks.outcome,
}
