"""The JSON that scripts and the phone page use: send, read, SMS, faults, clock, transcripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from bot.simulator.account import Account, AllMedia, Shown
from bot.simulator.cast import Cast
from bot.simulator.clock import ShiftedClock
from bot.simulator.faults import BadFault, Faults
from bot.simulator.platform import WeChatPlatform
from bot.simulator.scripts import script_user
from bot.simulator.sent import BadMessage, Composer, Sent, Upload
from bot.simulator.sms import SmsOffice
from bot.simulator.transcript import DrawnPicture, transcript

LONGEST_WAIT = 25.0


def chat_api(account: Account, platform: WeChatPlatform, composer: Composer) -> Blueprint:
    """One account's chats, under `/simulator/api/wechat` or `/simulator/api/wechat_mini`."""
    views = Blueprint(account.name, __name__, url_prefix=f"/simulator/api/{account.name}")
    views.register_error_handler(BadMessage, _refused)

    @views.post("/users/<openid>/messages")
    def send(openid: str) -> ResponseReturnValue:
        user = script_user(openid)
        return jsonify(asdict(platform.send(user, _sent(composer, user))))

    @views.get("/users/<openid>/messages")
    def read(openid: str) -> ResponseReturnValue:
        after = request.args.get("after", 0, int)
        return jsonify(messages=account.chats.of(script_user(openid), after))

    return views


def script_api(accounts: Sequence[Shown], sms: SmsOffice, cast: Cast) -> Blueprint:
    """Transcripts, SMS and the page's feed under `/simulator/api`; the first account's chats are
    the official account's."""
    views = Blueprint("script_api", __name__, url_prefix="/simulator/api")
    views.register_error_handler(BadMessage, _refused)
    media = AllMedia(accounts)
    by_name = {account.name: account for account in accounts}

    def known(name: str) -> Shown:
        if name not in by_name:
            raise BadMessage(f"account is one of {', '.join(by_name)}")
        return by_name[name]

    @views.get("/<name>/users/<openid>/transcript")
    def save(name: str, openid: str) -> ResponseReturnValue:
        messages = known(name).chats.of(script_user(openid))
        text = transcript(openid, messages, sms.latest(500), _drawn(messages, media, cast))
        file = f'attachment; filename="{openid}.txt"'
        return Response(text, mimetype="text/plain", headers={"Content-Disposition": file})

    @views.get("/sms/<phone>")
    def sms_to(phone: str) -> ResponseReturnValue:
        return jsonify(messages=sms.to(phone))

    @views.get("/feed")
    def feed() -> ResponseReturnValue:
        """All that the page shows of one account, at once when `seen` is old, else at the next
        change."""
        account = known(request.args.get("account", accounts[0].name))
        user = script_user(request.args.get("openid", ""))
        wait = min(request.args.get("wait", 0.0, float), LONGEST_WAIT)
        changes = account.store.wait(request.args.get("seen", -1, int), wait, user)
        return jsonify(seen=changes, sms=sms.latest(), **account.shown(user))

    return views


def controls(faults: Faults, clock: ShiftedClock, accounts: Sequence[Account]) -> Blueprint:
    """What scripts may set under `/simulator/api`: faults and the platform's clock."""
    views = Blueprint("controls", __name__, url_prefix="/simulator/api")
    views.register_error_handler(BadFault, _refused)

    @views.get("/faults")
    def faults_now() -> ResponseReturnValue:
        return jsonify(faults.now())

    @views.put("/faults")
    def set_faults() -> ResponseReturnValue:
        dying = faults.replace(request.get_json(force=True, silent=True))
        for account in accounts:
            if account.name in dying:
                account.tokens.revoke_all()
        return jsonify(faults.now())

    @views.get("/clock")
    def clock_now() -> ResponseReturnValue:
        return jsonify(shift_seconds=clock.shift.total_seconds(), now=clock().isoformat())

    @views.put("/clock")
    def set_clock() -> ResponseReturnValue:
        asked = request.get_json(force=True, silent=True)
        seconds = asked.get("shift_seconds") if isinstance(asked, dict) else None
        if not isinstance(seconds, int | float) or abs(seconds) > 10**9:
            raise BadFault("shift_seconds is a number of seconds")
        clock.shift = timedelta(seconds=seconds)
        return clock_now()

    return views


def _refused(error: Exception) -> ResponseReturnValue:
    return jsonify(error=str(error)), 400


def _sent(composer: Composer, user: str) -> Sent:
    if file := request.files.get("file"):
        upload = Upload(file.read(), file.filename or "picture")
        return composer.picture(upload, _media_url, request.form.get("label", ""))
    asked: Any = request.get_json(force=True, silent=True)
    if not isinstance(asked, Mapping):
        raise BadMessage("the body is a JSON object, or a form with a file")
    return composer.compose(asked, user)


def _drawn(
    messages: Sequence[Mapping[str, Any]], media: AllMedia, cast: Cast
) -> dict[str, DrawnPicture]:
    """Which of our pictures the person sent, by the messages' `media`."""
    found = {}
    for address in {m["media"] for m in messages if m["from"] == "user" and m["kind"] == "image"}:
        stored = media.get(address.rpartition("/")[2], expired_too=True)
        if stored and (picture := cast.recognised(stored.body)):
            found[address] = picture
    return found


def _media_url(media_id: str) -> str:
    return f"{request.host_url}simulator/media/{media_id}"
