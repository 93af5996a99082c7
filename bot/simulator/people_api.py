"""What scripts see and do of one person beside the chat: credits, the desk, the codes of pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from bot.simulator.account import Account
from bot.simulator.chats import Said
from bot.simulator.desk import STAFF
from bot.simulator.platform import WeChatPlatform
from bot.simulator.scripts import BadAccount, script_body, script_user
from bot.simulator.sent import BadMessage, Composer

REFUSALS = (43004, 43005, 43019, 43101, 46004, 48002)
"""Errcodes that say of one person: never again."""


def people_api(account: Account, platform: WeChatPlatform, composer: Composer) -> Blueprint:
    """The blueprint under `/simulator/api/{account}/users`."""
    name = account.name
    views = Blueprint(f"{name}_people", __name__, url_prefix=f"/simulator/api/{name}")

    @views.errorhandler(BadMessage)
    @views.errorhandler(BadAccount)
    def refused(error: Exception) -> ResponseReturnValue:
        return jsonify(error=str(error)), 400

    @views.get("/users/<openid>/credits")
    def credits(openid: str) -> ResponseReturnValue:
        return jsonify(credits=account.credits.of(script_user(openid)))

    @views.get("/users/<openid>/desk")
    def desk(openid: str) -> ResponseReturnValue:
        return jsonify(staff=account.desk.of(script_user(openid)))

    @views.post("/users/<openid>/desk")
    def act(openid: str) -> ResponseReturnValue:
        _act(account, platform, composer, script_user(openid), script_body())
        return desk(openid)

    @views.put("/users/<openid>/refusal")
    def refuse(openid: str) -> ResponseReturnValue:
        return jsonify(errcode=_refuse(account, script_user(openid), script_body()))

    @views.post("/users/<openid>/codes")
    def code(openid: str) -> ResponseReturnValue:
        return jsonify(code=_code(account, script_user(openid), script_body()))

    return views


def _act(
    account: Account,
    platform: WeChatPlatform,
    composer: Composer,
    openid: str,
    asked: Mapping[str, Any],
) -> None:
    """What a person at the desk does: `open`, `say` with a text, `switch` with `to`, `close`."""
    act, who = asked.get("act"), account.desk.of(openid)
    if act not in ("open", "say", "switch", "close"):
        raise BadAccount("act is open, say, switch or close")
    if act != "open" and not who:
        raise BadAccount("nobody at the desk has this chat")
    if act == "say":
        text = asked.get("text")
        if not isinstance(text, str) or not text.strip():
            raise BadAccount("text is empty")
        account.chats.add(openid, Said("bot", "text", text, "desk"))
        account.desk.open(openid, who)
        return
    to = str(asked.get("to", STAFF[0] if who != STAFF[0] else STAFF[1]))
    event = {
        "open": {"event": "kf_create_session", "kf_account": STAFF[0]},
        "switch": {"event": "kf_switch_session", "from": who, "to": to},
        "close": {"event": "kf_close_session", "kf_account": who},
    }[act]
    platform.send(openid, composer.compose({"type": "event", **event}, openid), linger=0)


def _refuse(account: Account, openid: str, asked: Mapping[str, Any]) -> int | None:
    """Let nothing that is sent to this person arrive, by an errcode of the platform's."""
    errcode = asked.get("errcode")
    if errcode is None:
        account.refusals.pop(openid, None)
        return None
    if errcode not in REFUSALS:
        raise BadAccount(f"errcode is null or one of {', '.join(map(str, REFUSALS))}")
    account.refusals[openid] = errcode
    return int(errcode)


def _code(account: Account, openid: str, asked: Mapping[str, Any]) -> str:
    """A code as the mini program's page gets it: `login`, or `phone` with the person's number."""
    sort, phone = asked.get("sort", "login"), asked.get("phone", "")
    if not account.is_mini:
        raise BadAccount("only the mini program's pages get codes")
    if sort == "login":
        return account.logins.code("login", openid)
    if sort != "phone" or not isinstance(phone, str) or not phone.isdigit():
        raise BadAccount("sort is login, or phone with a phone number")
    return account.logins.code("phone", openid, phone)
