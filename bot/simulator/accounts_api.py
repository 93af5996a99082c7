"""What scripts see and set of one account beside its chats: rights, quotas, menu, pushes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from bot.simulator.account import Account
from bot.simulator.calls import PATHS
from bot.simulator.habits import Habits
from bot.simulator.platform import WeChatPlatform
from bot.simulator.scripts import BadAccount, allowance_in, counts_in, script_body, script_user
from bot.simulator.sent import BadMessage
from bot.simulator.windows import ALLOWANCE


def accounts_api(account: Account, platform: WeChatPlatform) -> Blueprint:
    """The blueprint under `/simulator/api/wechat` or `/simulator/api/wechat_mini`."""
    name = account.name
    views = Blueprint(f"{name}_account", __name__, url_prefix=f"/simulator/api/{name}")

    @views.errorhandler(BadAccount)
    def refused(error: Exception) -> ResponseReturnValue:
        return jsonify(error=str(error)), 400

    @views.get("/account")
    def state() -> ResponseReturnValue:
        return jsonify(_state(account))

    @views.put("/account")
    def change() -> ResponseReturnValue:
        _change(account, script_body())
        return jsonify(_state(account))

    @views.delete("/tokens")
    def kill_tokens() -> ResponseReturnValue:
        account.tokens.revoke_all()
        return "", 204

    @views.get("/menu")
    def menu() -> ResponseReturnValue:
        return jsonify(button=account.menus.get() or [])

    @views.get("/pushes")
    def pushes() -> ResponseReturnValue:
        return jsonify(pushes=platform.pushes())

    @views.post("/echo")
    def echo() -> ResponseReturnValue:
        return jsonify(ok=platform.echoes())

    @views.post("/jssdk/check")
    def signed() -> ResponseReturnValue:
        return jsonify(ok=account.tickets.signed(script_body()))

    _crowds(views, account)
    return views


def _crowds(views: Blueprint, account: Account) -> None:
    """Many followers at once, and what was sent to them."""

    @views.post("/followers")
    def follow() -> ResponseReturnValue:
        account.chats.add_followers(_followers(script_body()))
        return "", 204

    @views.get("/sends")
    def sends() -> ResponseReturnValue:
        return jsonify(account.sent.told(people=request.args.get("people") == "1"))

    @views.delete("/sends")
    def count_anew() -> ResponseReturnValue:
        account.sent.clear()
        return "", 204


MOST_FOLLOWERS = 100_000


def _followers(asked: Mapping[str, Any]) -> list[str]:
    """Whole crowds, without a push to the service for each."""
    openids = asked.get("openids")
    if not isinstance(openids, list) or not len(openids) <= MOST_FOLLOWERS:
        raise BadAccount(f"openids is a list of at most {MOST_FOLLOWERS}")
    try:
        return [script_user(str(openid)) for openid in openids]
    except BadMessage as error:
        raise BadAccount(str(error)) from error


# --- rights and quotas ------------------------------------------------------------------------


def _state(account: Account) -> dict[str, Any]:
    return {
        "verified": account.rights.verified,
        "without": sorted(account.rights.without),
        "daily": account.quotas.daily,
        "per_minute": account.quotas.per_minute,
        "allowance": {name: list(pair) for name, pair in account.windows.allowance.items()},
        **asdict(account.habits),
    }


_HABITS = tuple(field.name for field in fields(Habits))
_NAMES = ("verified", "without", "daily", "per_minute", "allowance", *_HABITS)


def _change(account: Account, asked: Mapping[str, Any]) -> None:
    """Set what is asked; what is left out is as documented. `{}` therefore mends everything."""
    if not set(asked) <= set(_NAMES):
        raise BadAccount(f"an account has {', '.join(_NAMES)}")
    verified = asked.get("verified", account.config.verified)
    habits = {name: asked.get(name, False) for name in _HABITS}
    without = asked.get("without", [])
    if not all(isinstance(choice, bool) for choice in (verified, *habits.values())):
        raise BadAccount(f"verified, {', '.join(_HABITS)} are true or false")
    if not isinstance(without, list) or not all(isinstance(right, str) for right in without):
        raise BadAccount("without is a list of rights")
    daily, per_minute = _limits(asked, "daily"), _limits(asked, "per_minute")
    allowance = allowance_in(asked, ALLOWANCE)
    try:
        account.rights.set(verified, without)
    except ValueError as error:
        raise BadAccount(str(error)) from error
    account.quotas.set(daily, per_minute)
    account.windows.set(allowance)
    for name, choice in habits.items():
        setattr(account.habits, name, choice)


def _limits(asked: Mapping[str, Any], name: str) -> dict[str, int]:
    limits = counts_in(asked, name, "calls")
    if not set(limits) <= {*PATHS, "force_refresh"}:
        raise BadAccount(f"{name} knows {', '.join(sorted(PATHS))}")
    return limits
