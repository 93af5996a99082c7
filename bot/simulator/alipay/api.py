"""What scripts and the phone do as people in the life account, under `/simulator/api/alipay`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from bot.simulator.alipay.account import AlipayAccount
from bot.simulator.alipay.acts import Act, compose, picture
from bot.simulator.alipay.people import Person
from bot.simulator.alipay.platform import AlipayPlatform
from bot.simulator.scripts import script_user
from bot.simulator.sent import BadMessage, Upload


def alipay_api(platform: AlipayPlatform) -> Blueprint:
    """The blueprint of scripts that are people."""
    account, name = platform.account, platform.account.name
    views = Blueprint(f"{name}_chat", __name__, url_prefix=f"/simulator/api/{name}")

    def person(name: str) -> Person:
        return account.people.meet(script_user(name))

    @views.errorhandler(BadMessage)
    def refused(error: Exception) -> ResponseReturnValue:
        return jsonify(error=str(error)), 400

    @views.post("/users/<name>/messages")
    def send(name: str) -> ResponseReturnValue:
        return jsonify(asdict(platform.send(person(name), _act(account))))

    @views.get("/users/<name>/messages")
    def read(name: str) -> ResponseReturnValue:
        after = request.args.get("after", 0, int)
        return jsonify(messages=account.chats.of(person(name).name, after))

    @views.get("/users/<name>")
    def who(name: str) -> ResponseReturnValue:
        return jsonify(asdict(person(name)))

    return views


def _act(account: AlipayAccount) -> Act:
    if file := request.files.get("file"):
        upload = Upload(file.read(), file.filename or "picture")
        return picture(account, upload, request.form.get("label", ""))
    asked: Any = request.get_json(force=True, silent=True)
    if not isinstance(asked, Mapping):
        raise BadMessage("the body is a JSON object, or a form with a file")
    return compose(account, asked)
