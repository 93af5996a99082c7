"""What the mini program's pages get from the phone they run on, as scripts ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from bot.simulator.alipay import logins
from bot.simulator.alipay.account import AlipayAccount
from bot.simulator.alipay.account_api import tell
from bot.simulator.alipay.aes import encrypt
from bot.simulator.alipay.ant import WITHDRAWN, AntMessage
from bot.simulator.alipay.people import Person
from bot.simulator.alipay.platform import AlipayPlatform
from bot.simulator.alipay.refusals import Refusal
from bot.simulator.alipay.rsa import sign
from bot.simulator.alipay.wire import in_json
from bot.simulator.scripts import BadAccount, script_body, script_user
from bot.simulator.sent import BadMessage


def alipay_mini_api(platform: AlipayPlatform) -> Blueprint:
    """The blueprint of scripts that are people with the mini program open."""
    account, name = platform.account, platform.account.name
    views = Blueprint(f"{name}_pages", __name__, url_prefix=f"/simulator/api/{name}")

    def person(name: str) -> Person:
        return account.people.meet(script_user(name))

    @views.errorhandler(BadMessage)
    @views.errorhandler(BadAccount)
    @views.errorhandler(Refusal)
    def refused(error: Exception) -> ResponseReturnValue:
        return jsonify(error=str(error)), 400

    @views.post("/users/<name>/auth_code")
    def auth_code(name: str) -> ResponseReturnValue:
        scope = script_body().get("scope", "auth_base")
        if scope not in logins.SCOPES:
            raise BadAccount(f"scope is one of {', '.join(logins.SCOPES)}")
        return jsonify(code=logins.code(account, person(name), scope))

    @views.post("/users/<name>/form_id")
    def form(name: str) -> ResponseReturnValue:
        return jsonify(form_id=logins.form_id(account, person(name)))

    @views.post("/users/<name>/phone")
    def phone(name: str) -> ResponseReturnValue:
        person(name)
        return jsonify(_phone(account, script_body()))

    @views.put("/users/<name>/identity")
    def identity(name: str) -> ResponseReturnValue:
        asked = script_body()
        named = (str(asked.get("name", "")), str(asked.get("number", "")))
        logins.keep_identity(account, person(name), *named)
        return "", 204

    @views.post("/users/<name>/revoke")
    def revoke(name: str) -> ResponseReturnValue:
        return jsonify(_revoke(platform, person(name)))

    @views.get("/users/<name>/credits")
    def credits(name: str) -> ResponseReturnValue:
        return jsonify(credits=account.credits.of(person(name).name))

    return views


def _phone(account: AlipayAccount, asked: Mapping[str, Any]) -> dict[str, str]:
    """What `my.getPhoneNumber` gives the mini program: sealed, and signed as it stands in JSON."""
    number = asked.get("phone")
    if not isinstance(number, str) or not number.isdigit():
        raise BadAccount("phone is a number's digits")
    if not account.config.aes_key:
        raise BadAccount("the app has no AES key")
    told = in_json({"code": "10000", "msg": "Success", "mobile": number})
    sealed = encrypt(account.config.aes_key, told.encode())
    proof = sign(account.config.platform_key, f'"{sealed}"'.encode(), "RSA2")
    return {"response": sealed, "sign": proof, "sign_type": "RSA2", "charset": "UTF-8"}


def _revoke(platform: AlipayPlatform, person: Person) -> dict[str, Any]:
    """The person takes back what the app was allowed: a From-Ant message."""
    account = platform.account
    told = logins.ids_of(account, person)
    account.store.write("DELETE FROM alipay_grants WHERE name = ?", person.name)
    at = int(account.clock.signing() * 1000)
    biz = {**told, "auth_app_id": account.config.app_id, "cancel_time": at}
    return tell(platform, AntMessage(WITHDRAWN, biz))
