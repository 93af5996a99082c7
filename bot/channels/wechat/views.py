"""The webhook as a Flask blueprint: GET checks the address, POST takes a push and answers it.

Only a bad signature and an oversized body are refused with a status of their own. Everything
signed gets 200, for anything else is delivered twice more and shows the person that the service
has broken down.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl

import structlog
from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from bot.channels.wechat.codec import Inbound, WeChatCodec
from bot.channels.wechat.faults import BadSignature, TooLarge, WebhookFault
from bot.channels.wechat.nonces import Nonces
from bot.channels.wechat.replies import shown
from bot.dialogue.messages import Reply, Update

_log = structlog.get_logger(__name__)


def wechat_views(
    codec: WeChatCodec,
    take: Callable[[Update], Reply | None],
    *,
    nonces: Nonces,
    apology: str,
    site: str,
    count: Callable[[str], None] = lambda reason: None,
    path: str = "/wechat",
) -> Blueprint:
    """The webhook at `path`, with and without a slash at its end.

    `take` answers an update, None meaning `success`; `apology` is said when it raises; `site` is
    the address before links that are only paths; `count` hears in one word what was refused.
    """
    webhook = _Webhook(codec, take, nonces, apology, site, count)
    views = Blueprint(f"wechat{path.replace('/', '_')}", __name__)
    views.get(path, strict_slashes=False)(webhook.check)
    views.post(path, strict_slashes=False)(webhook.receive)
    views.register_error_handler(WebhookFault, webhook.refuse)
    views.register_error_handler(RequestEntityTooLarge, lambda _: webhook.refuse(TooLarge("size")))
    return views


@dataclass(frozen=True, slots=True)
class _Webhook:
    codec: WeChatCodec
    take: Callable[[Update], Reply | None]
    nonces: Nonces
    apology: str
    site: str
    count: Callable[[str], None]

    def check(self) -> Response:
        # Chosen by the caller: never to be taken for a page.
        headers = {"X-Content-Type-Options": "nosniff"}
        return Response(self.codec.echo(request.args), mimetype="text/plain", headers=headers)

    def receive(self) -> Response:
        request.max_content_length = self.codec.max_bytes
        inbound = self.codec.open(request.get_data(cache=False), _arguments())
        try:
            said = self._answer(inbound)
        except WebhookFault:
            raise
        except Exception as fault:
            _log_failure(inbound, fault)
            self.count("failed")
            said = self.apology
        if not said:
            return _success()
        return Response(self.codec.render(inbound, said), mimetype=inbound.media_type)

    def _answer(self, inbound: Inbound) -> str:
        """What to say; nothing for what is only acknowledged."""
        # A replay must be known for longer than a push stays fresh, on either side of our clock.
        seconds = 2 * self.codec.window_seconds + 60
        if inbound.stamp and not self.nonces.admits(inbound.stamp, inbound.digest, seconds):
            self.count("replay")
            return ""
        update = self.codec.update(inbound)
        if update is None:
            self.count("acknowledged")
            return ""
        reply = self.take(update)
        return shown(reply, self.site) if reply else ""

    def refuse(self, fault: WebhookFault) -> Response:
        self.count(fault.reason)
        if isinstance(fault, BadSignature):
            return Response(status=403)
        return Response(status=413) if isinstance(fault, TooLarge) else _success()


def _log_failure(inbound: Inbound, fault: Exception) -> None:
    """Class and place only: the message of an exception may quote what the person wrote."""
    *_, last = traceback.extract_tb(fault.__traceback__)
    _log.error(
        "wechat.turn_failed",
        message_id=str(inbound.fields.get("MsgId", ""))[:64],
        fault=type(fault).__name__,
        at=f"{last.filename}:{last.lineno}",
    )


def _arguments() -> dict[str, str]:
    """The query, of each name the first. `request.args` says the same at seven times the price."""
    pairs = parse_qsl(request.query_string.decode("latin-1"), keep_blank_values=True)
    return dict(reversed(pairs))


def _success() -> Response:
    return Response("success", mimetype="text/plain")
