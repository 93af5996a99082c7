"""The platform's API under `/cgi-bin`: tokens, media, messages. Errors are 200 with an errcode."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from bot.simulator.faults import Faults, cut_off
from bot.simulator.media import MAX_BYTES, MediaBox, picture_type
from bot.simulator.sends import ApiFault, CustomSends, parse
from bot.simulator.settings import SimulatorConfig
from bot.simulator.tokens import TokenFault, Tokens

MEANINGS = {
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40004: "invalid media type",
    40007: "invalid media_id",
    40008: "invalid message type",
    40009: "invalid image size",
    40013: "invalid appid",
    40033: "invalid charset. please check your request, if include \\uxxxx will create fail",
    40125: "invalid appsecret",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41005: "media data missing",
    42001: "access_token expired",
    44001: "empty media data",
    44002: "empty post data",
    44003: "empty news data",
    44004: "empty content",
    45002: "content size out of limit",
    45008: "article size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit",
    45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit",
    45098: "too many msgmenu options",
    47001: "data format error",
}
Call = Callable[[], ResponseReturnValue]


def wechat_api(
    config: SimulatorConfig, tokens: Tokens, media: MediaBox, sends: CustomSends, faults: Faults
) -> Blueprint:
    """The blueprint under `/cgi-bin`."""
    views = Blueprint("wechat_api", __name__, url_prefix="/cgi-bin")

    def serve(path: str, method: str, call: Call, *, needs_token: bool = True) -> None:
        def view() -> ResponseReturnValue:
            fault = faults.before("wechat")
            errcode_elsewhere = isinstance(fault.error, int) and not needs_token
            if not errcode_elsewhere and (failing := faults.answer("wechat", fault)):
                return failing
            if needs_token:
                tokens.check(request.args.get("access_token", ""))
            answer = call()
            return cut_off() if fault.error == "lost" else answer

        views.add_url_rule(f"/{path}", path.replace("/", "_"), view, methods=[method])

    @views.errorhandler(ApiFault)
    @views.errorhandler(TokenFault)
    def refused(error: ApiFault | TokenFault) -> ResponseReturnValue:
        meaning = MEANINGS.get(error.errcode, "refused")
        return jsonify(errcode=error.errcode, errmsg=f"{meaning} rid: {secrets.token_hex(12)}")

    desk = _Desk(config, tokens, media, sends)
    serve("token", "GET", desk.token, needs_token=False)
    serve("stable_token", "POST", desk.stable_token, needs_token=False)
    serve("media/upload", "POST", desk.upload)
    serve("media/get", "GET", desk.download)
    serve("message/custom/send", "POST", desk.send)
    serve("message/custom/typing", "POST", desk.typing)
    return views


class _Desk:
    """The calls themselves, each for a request whose token was checked."""

    def __init__(
        self, config: SimulatorConfig, tokens: Tokens, media: MediaBox, sends: CustomSends
    ) -> None:
        self._config, self._tokens = config, tokens
        self._media, self._sends = media, sends

    def token(self) -> ResponseReturnValue:
        self._know(request.args)
        return jsonify(self._tokens.plain())

    def stable_token(self) -> ResponseReturnValue:
        asked = parse(request.get_data())
        self._know(asked)
        return jsonify(self._tokens.stable(asked.get("force_refresh") is True))

    def _know(self, asked: Any) -> None:
        if asked.get("grant_type") != "client_credential":
            raise ApiFault(40002)
        for name, right, missing, wrong in (
            ("appid", self._config.app_id, 41002, 40013),
            ("secret", self._config.app_secret, 41004, 40125),
        ):
            given = str(asked.get(name) or "")
            if not hmac.compare_digest(given.encode(), right.encode()):
                raise ApiFault(wrong if given else missing)

    def upload(self) -> ResponseReturnValue:
        kind, file = request.args.get("type"), request.files.get("media")
        if kind != "image":
            raise ApiFault(40004)
        if file is None or not file.filename:
            raise ApiFault(41005)
        body = file.read(MAX_BYTES + 1)
        media_type = picture_type(body)
        if not body or len(body) > MAX_BYTES or media_type is None:
            raise ApiFault(44001 if not body else 40009 if media_type else 40004)
        media_id, at = self._media.put(body, kind, media_type)
        return jsonify(type=kind, media_id=media_id, created_at=int(at))

    def download(self) -> ResponseReturnValue:
        medium = self._media.get(request.args.get("media_id", ""))
        if medium is None:
            raise ApiFault(40007)
        name = f'attachment; filename="media.{medium.type.partition("/")[2]}"'
        return Response(medium.body, mimetype=medium.type, headers={"Content-Disposition": name})

    def send(self) -> ResponseReturnValue:
        self._sends.send(request.get_data())
        return jsonify(errcode=0, errmsg="ok")

    def typing(self) -> ResponseReturnValue:
        if parse(request.get_data()).get("command") not in ("Typing", "CancelTyping"):
            raise ApiFault(47001)
        return jsonify(errcode=0, errmsg="ok")
