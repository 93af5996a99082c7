"""What the app may do at Alipay and how the platform deals with it, as scripts see and set it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from bot.simulator.alipay.account import AlipayAccount
from bot.simulator.alipay.ant import AntMessage
from bot.simulator.alipay.habits import Habits
from bot.simulator.alipay.platform import AlipayPlatform
from bot.simulator.alipay.windows import ALLOWANCE
from bot.simulator.scripts import BadAccount, allowance_in, counts_in, script_body

_CHOICES: dict[str, tuple[object, ...]] = {
    "charset": ("GBK", "UTF-8"),
    "sign_type": ("RSA2", "RSA"),
    "ids": ("user_id", "open_id", "both"),
    "strict_ack": (True, False),
}
_STATE = ("without", "tells_identity", "daily", "per_minute", "allowance")


def alipay_account_api(platform: AlipayPlatform) -> Blueprint:
    """The blueprint of scripts that are the platform."""
    account, name = platform.account, platform.account.name
    views = Blueprint(f"{name}_account", __name__, url_prefix=f"/simulator/api/{name}")

    @views.errorhandler(BadAccount)
    def refused(error: Exception) -> ResponseReturnValue:
        return jsonify(error=str(error)), 400

    @views.post("/ant")
    def ant() -> ResponseReturnValue:
        return jsonify(tell(platform, _ant(account, script_body())))

    @views.post("/verify")
    def verify() -> ResponseReturnValue:
        well_signed = request.args.get("sign", "good") != "bad"
        return jsonify(platform.verify(well_signed=well_signed))

    @views.get("/menu")
    def menu() -> ResponseReturnValue:
        return jsonify(button=account.menus.get() or [])

    @views.get("/sends")
    def sends() -> ResponseReturnValue:
        return jsonify(account.sent.told(people=request.args.get("people") == "1"))

    @views.delete("/sends")
    def count_anew() -> ResponseReturnValue:
        account.sent.clear()
        return "", 204

    @views.get("/account")
    def state() -> ResponseReturnValue:
        return jsonify(_state(account))

    @views.put("/account")
    def change() -> ResponseReturnValue:
        _change(account, script_body())
        return jsonify(_state(account))

    return views


def tell(platform: AlipayPlatform, message: AntMessage) -> dict[str, Any]:
    """Have a From-Ant message delivered."""
    heard = platform.ant(message)
    return {**asdict(heard), "answer": heard.answer.decode("utf-8", "replace")}


def _ant(account: AlipayAccount, asked: Mapping[str, Any]) -> AntMessage:
    """Raises `BadAccount`."""
    legacy = "notify_type" in asked
    method, biz = asked.get("notify_type" if legacy else "msg_method"), asked.get("biz_content", {})
    if not isinstance(method, str) or not method or not isinstance(biz, Mapping):
        raise BadAccount("a message has msg_method or notify_type, and an object biz_content")
    rule, sealed = asked.get("rule", "V1"), asked.get("sealed") is True
    if rule not in ("V1", "V2"):
        raise BadAccount("rule is V1 or V2")
    if sealed and not account.config.aes_key:
        raise BadAccount("the app has no AES key")
    return AntMessage(method, biz, rule, sealed, legacy)


# --- what the app may do, and how the platform deals with it ------------------------------------


def _state(account: AlipayAccount) -> dict[str, Any]:
    return {
        "without": sorted(account.rights.without),
        "tells_identity": account.rights.tells_identity,
        "daily": account.quotas.daily,
        "per_minute": account.quotas.per_minute,
        "allowance": {act: list(pair) for act, pair in account.windows.allowance.items()},
        **asdict(account.habits),
    }


def _change(account: AlipayAccount, asked: Mapping[str, Any]) -> None:
    """Set what is asked; what is left out is as it was at the start."""
    known = (*_STATE, *_CHOICES)
    if not set(asked) <= set(known):
        raise BadAccount(f"an account has {', '.join(known)}")
    first = Habits(charset=account.config.charset, ids=account.config.ids)
    names = [field.name for field in fields(Habits)]
    habits = {name: asked.get(name, getattr(first, name)) for name in names}
    for name, choice in habits.items():
        if choice not in _CHOICES[name]:
            raise BadAccount(f"{name} is one of {', '.join(map(str, _CHOICES[name]))}")
    without, allowance = asked.get("without", []), allowance_in(asked, ALLOWANCE)
    if not isinstance(without, list) or not all(isinstance(method, str) for method in without):
        raise BadAccount("without is a list of methods")
    daily, per_minute = (counts_in(asked, name, "methods") for name in ("daily", "per_minute"))
    account.rights.set(without, tells_identity=asked.get("tells_identity") is True)
    account.quotas.set(daily, per_minute)
    account.windows.set(allowance)
    for name, choice in habits.items():
        setattr(account.habits, name, choice)
