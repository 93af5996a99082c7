"""A service to push to: real HTTP, wechatpy's crypto and parser as the oracle."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, request
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.replies import TextReply
from wechatpy.utils import check_signature
from werkzeug.serving import make_server

from bot.simulator.server import QuietHandler

APP_ID = "wx0123456789abcdef"
TOKEN = "a-token-of-the-tests"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
MINI_APP_ID = "wxfedcba9876543210"
MINI_TOKEN = "a-mini-token-of-the-tests"
MINI_AES_KEY = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"

Answer = Callable[[Any], "str | bytes | Response"]


@dataclass
class Webhook:
    """Answers every push by `answer`; keeps what came."""

    mode: str = "safe"
    answer: Answer = lambda message: "success"
    pushes: list[Any] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)  # the pushes after decryption
    url: str = ""
    keys: tuple[str, str, str] = (TOKEN, AES_KEY, APP_ID)

    def take(self) -> Response:
        """One push: verified by wechatpy, whatever mode."""
        args = request.args
        check_signature(self.keys[0], args["signature"], args["timestamp"], args["nonce"])
        body: bytes = request.get_data()
        self.queries.append(dict(args))
        self.bodies.append(body)
        if self.mode != "plain":
            body = self._opened(body, args["msg_signature"], args["timestamp"], args["nonce"])
        self.opened.append(body.decode() if isinstance(body, bytes) else body)
        message = json.loads(body) if self.opened[-1].startswith("{") else parse_message(body)
        self.pushes.append(message)
        return self._wrapped(self.answer(message))

    def _opened(self, body: bytes, *signed: str) -> Any:
        """wechatpy reads envelopes in XML; one in JSON it takes as a dict."""
        sealed: Any = json.loads(body) if body.startswith(b"{") else body
        return self.crypto.decrypt_message(sealed, *signed)

    def _wrapped(self, answer: str | bytes | Response) -> Response:
        if isinstance(answer, Response):
            return answer
        if isinstance(answer, bytes):
            return Response(answer)
        if self.mode == "safe" and answer not in ("success", ""):
            sealed: str = self.crypto.encrypt_message(answer, "nonce", str(int(time.time())))
            return Response(sealed, mimetype="text/xml")
        return Response(answer, mimetype="text/xml")

    @property
    def crypto(self) -> WeChatCrypto:
        """The service's end of the encryption."""
        return WeChatCrypto(*self.keys)


def say(text: str) -> Answer:
    """An answer with this text."""
    return lambda message: TextReply(content=text, message=message, time=int(time.time())).render()


def listen(webhook: Webhook, mini: Webhook | None = None) -> Callable[[], None]:
    """Serve in a thread, the mini program's pushes too where asked; returns what stops it."""
    app = Flask("webhook")
    app.add_url_rule("/wechat", "official", webhook.take, methods=["POST"])
    if mini:
        app.add_url_rule("/wechat/mini", "mini", mini.take, methods=["POST"])
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
    thread.start()
    webhook.url = f"http://127.0.0.1:{server.server_port}"

    def stop() -> None:
        server.shutdown()
        thread.join()
        server.server_close()

    return stop
