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
from bot.channels.wechat.updates import name_of
from bot.dialogue.messages import AccountKey, Kind, Reply, Update

_log = structlog.get_logger(__name__)


def wechat_views(
    codec: WeChatCodec,
    take: Callable[[Update], Reply | None],
    *,
    nonces: Nonces,
    apology: str,
    site: str,
    count: Callable[[str], None] = lambda reason: None,
    count_unread: Callable[[str], None] = lambda name: None,
    late: Callable[[AccountKey, Reply], None] | None = None,
    path: str = "/wechat",
    clickable: bool = False,
) -> Blueprint:
    """The webhook at `path`, with and without a slash at its end.

    `take` answers an update, None meaning `success`; `apology` is said when it raises; `site` is
    the address before links that are only paths; `count` hears in one word what was refused, and
    `count_unread` the name of each push that says nothing to us. With `late` nothing is ever
    answered but `success` (a mini program wants it so), and what `take` still says goes that way.
    `clickable` makes links of options.
    """
    webhook = _Webhook(codec, take, nonces, apology, site, count, count_unread, late, clickable)
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
    count_unread: Callable[[str], None]
    late: Callable[[AccountKey, Reply], None] | None
    clickable: bool

    def check(self) -> Response:
        # Chosen by the caller: never to be taken for a page.
        headers = {"X-Content-Type-Options": "nosniff"}
        return Response(self.codec.echo(request.args), mimetype="text/plain", headers=headers)

    def receive(self) -> Response:
        request.max_content_length = self.codec.max_bytes
        inbound = self.codec.open(request.get_data(cache=False), _arguments())
        try:
            reply = self._answer(inbound)
        except WebhookFault:
            raise
        except Exception as fault:
            self._failed(inbound, fault)
            reply = Reply(self.apology)
        if reply is None or self.late:
            return _success()
        return Response(self._rendered(inbound, reply), mimetype=inbound.media_type)

    def _answer(self, inbound: Inbound) -> Reply | None:
        """What to say; None for what is only acknowledged."""
        # A replay must be known for longer than a push stays fresh, on either side of our clock.
        seconds = 2 * self.codec.window_seconds + 60
        if inbound.stamp and not self.nonces.admits(inbound.stamp, inbound.digest, seconds):
            self.count("replay")
            return None
        update = self.codec.update(inbound)
        if update is None or update.kind is Kind.OTHER:
            self.count_unread(name_of(inbound.fields))
        if update is None:
            self.count("acknowledged")
            return None
        if self.late is None:
            return self.take(update)
        self._take_late(inbound, update, self.late)
        return None

    def _take_late(
        self, inbound: Inbound, update: Update, send: Callable[[AccountKey, Reply], None]
    ) -> None:
        """Take it where the reply goes by another road, and send what could not go there."""
        try:
            reply = self.take(update)
        except Exception as fault:
            self._failed(inbound, fault)
            reply = Reply(self.apology)
        if reply is not None:
            send(update.account, reply)

    def _rendered(self, inbound: Inbound, reply: Reply) -> bytes:
        if reply.desk:
            return self.codec.render_transfer(inbound)
        return self.codec.render(inbound, shown(reply, self.site, clickable=self.clickable))

    def _failed(self, inbound: Inbound, fault: Exception) -> None:
        _log_failure(inbound, fault)
        self.count("failed")

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
