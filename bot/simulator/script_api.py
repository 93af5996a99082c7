"""The JSON that scripts and the phone page use: send, read, SMS, faults, clock, transcripts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from bot.simulator.cast import Cast
from bot.simulator.chats import Chats
from bot.simulator.clock import ShiftedClock
from bot.simulator.faults import BadFault, Faults
from bot.simulator.media import MediaBox
from bot.simulator.platform import WeChatPlatform
from bot.simulator.sent import BadMessage, Composer, Sent, Upload
from bot.simulator.sms import SmsOffice
from bot.simulator.store import Store
from bot.simulator.tokens import Tokens
from bot.simulator.transcript import DrawnPicture, transcript

_OPENID = re.compile(r"[\w-]{1,128}", re.ASCII)
LONGEST_WAIT = 25.0


def script_api(
    platform: WeChatPlatform,
    composer: Composer,
    chats: Chats,
    sms: SmsOffice,
    store: Store,
    media: MediaBox,
    cast: Cast,
) -> Blueprint:
    """Chats and SMS under `/simulator/api`."""
    views = Blueprint("script_api", __name__, url_prefix="/simulator/api")
    views.register_error_handler(BadMessage, _refused)

    @views.post("/wechat/users/<openid>/messages")
    def send(openid: str) -> ResponseReturnValue:
        return jsonify(asdict(platform.send(_user(openid), _sent(composer))))

    @views.get("/wechat/users/<openid>/messages")
    def read(openid: str) -> ResponseReturnValue:
        return jsonify(messages=chats.of(_user(openid), request.args.get("after", 0, int)))

    @views.get("/wechat/users/<openid>/transcript")
    def save(openid: str) -> ResponseReturnValue:
        messages = chats.of(_user(openid))
        text = transcript(openid, messages, sms.latest(500), _drawn(messages, media, cast))
        name = f'attachment; filename="{openid}.txt"'
        return Response(text, mimetype="text/plain", headers={"Content-Disposition": name})

    @views.get("/sms/<phone>")
    def sms_to(phone: str) -> ResponseReturnValue:
        return jsonify(messages=sms.to(phone))

    @views.get("/feed")
    def feed() -> ResponseReturnValue:
        """All that the page shows, at once when `seen` is old, else at the next change."""
        seen = request.args.get("seen", -1, int)
        changes = store.wait(seen, min(request.args.get("wait", 0.0, float), LONGEST_WAIT))
        messages = chats.of(_user(request.args.get("openid", "")))
        return jsonify(seen=changes, users=chats.users(), sms=sms.latest(), messages=messages)

    return views


def controls(faults: Faults, clock: ShiftedClock, tokens: Tokens) -> Blueprint:
    """What scripts may set under `/simulator/api`: faults, the platform's clock, dead tokens."""
    views = Blueprint("controls", __name__, url_prefix="/simulator/api")
    views.register_error_handler(BadFault, _refused)

    @views.get("/faults")
    def faults_now() -> ResponseReturnValue:
        return jsonify(faults.now())

    @views.put("/faults")
    def set_faults() -> ResponseReturnValue:
        faults.replace(request.get_json(force=True, silent=True))
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

    @views.delete("/wechat/tokens")
    def kill_tokens() -> ResponseReturnValue:
        tokens.revoke_all()
        return "", 204

    return views


def _refused(error: Exception) -> ResponseReturnValue:
    return jsonify(error=str(error)), 400


def _user(openid: str) -> str:
    if not _OPENID.fullmatch(openid):
        raise BadMessage("an openid holds letters, digits, _ and -")
    return openid


def _sent(composer: Composer) -> Sent:
    if file := request.files.get("file"):
        upload = Upload(file.read(), file.filename or "picture")
        return composer.picture(upload, _media_url, request.form.get("label", ""))
    asked: Any = request.get_json(force=True, silent=True)
    if not isinstance(asked, Mapping):
        raise BadMessage("the body is a JSON object, or a form with a file")
    return composer.compose(asked)


def _drawn(
    messages: Sequence[Mapping[str, Any]], media: MediaBox, cast: Cast
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
