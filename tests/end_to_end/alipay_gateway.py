"""Alipay's gateway with RSA of its own: who signs well may send, and what was sent is remembered.

Neither the service's client, nor the SDK, nor the simulator: a third reading of the documents.
"""

from __future__ import annotations

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from tests.rig_alipay import APP_ID, alipay_keys

CUSTOM_SEND = "alipay.open.public.message.custom.send"


class OwnGateway:
    """`texts` holds what was sent by `custom.send`, by the person's id; `refused` why calls were
    not taken."""

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {}
        self.refused: list[str] = []
        self._heard = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/gateway.do"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def after(self, user: str, known: int, seconds: float = 10.0) -> list[str]:
        """What was sent to somebody beyond the first `known` texts, once there is any."""
        with self._heard:
            self._heard.wait_for(lambda: len(self.texts.get(user, [])) > known, seconds)
            return self.texts.get(user, [])[known:]

    def called(self, told: dict[str, str]) -> bytes:
        """The answer to a call, signed."""
        fault = self._fault(told)
        node = {"code": "10000", "msg": "Success"}
        if fault:
            self.refused.append(fault)
            node = {"code": "40002", "msg": "Invalid Arguments", "sub_code": fault}
        else:
            self._take(json.loads(told["biz_content"]))
        inner = json.dumps(node, separators=(",", ":"))
        name = told.get("method", "error").replace(".", "_")
        signature = base64.b64encode(
            alipay_keys()[1].sign(inner.encode(), PKCS1v15(), hashes.SHA256())
        ).decode()
        return f'{{"{name}_response":{inner},"sign":"{signature}"}}'.encode()

    def _fault(self, told: dict[str, str]) -> str:
        names = sorted(name for name, value in told.items() if value and name != "sign")
        text = "&".join(f"{name}={told[name]}" for name in names).encode()
        try:
            raw = base64.b64decode(told.get("sign", ""))
            alipay_keys()[0].public_key().verify(raw, text, PKCS1v15(), hashes.SHA256())
        except (InvalidSignature, ValueError):
            return "isv.invalid-signature"
        if told.get("app_id") != APP_ID or told.get("sign_type") != "RSA2":
            return "isv.invalid-app-id"
        return "" if told.get("method") == CUSTOM_SEND else "isv.invalid-method"

    def _take(self, content: dict[str, Any]) -> None:
        with self._heard:
            to = content.get("to_user_id") or content["open_id"]
            self.texts.setdefault(to, []).append(content["text"]["content"])
            self._heard.notify_all()


def _handler(gateway: OwnGateway) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            pairs = [*parse_qsl(urlsplit(self.path).query), *parse_qsl(body)]
            answer = gateway.called(dict(pairs))
            self.send_response(200)
            self.send_header("Content-Type", "text/html;charset=utf-8")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args: object) -> None:
            pass

    return Handler
