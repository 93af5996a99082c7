"""The calls under `/cgi-bin` that a dialogue needs, answered by a server of our own.

Neither the service's client nor the simulator: a third reading of the platform's documents.
"""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "82_token_of_the_player"
_PICTURE = re.compile(rb"\r\n\r\n(\xff\xd8\xff.*?)\r\n--", re.DOTALL)


class PlatformApi:
    """`uploaded` are the pictures that the service sent, `sent` its messages by openid.

    With `verified` off the account may send nothing; `refused` is to whom it tried.
    """

    def __init__(self) -> None:
        self.refuses_pictures = False
        self.verified = True
        self.refused: list[str] = []
        self.media: dict[str, bytes] = {}
        self.uploaded: dict[str, bytes] = {}
        self.sent: dict[str, list[dict[str, Any]]] = {}
        self._heard = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def wait_for_message(self, openid: str, after: int, seconds: float) -> list[dict[str, Any]]:
        """What was sent by API beyond the first `after`; empty when nothing came in time."""
        with self._heard:
            self._heard.wait_for(lambda: len(self.sent.get(openid, [])) > after, seconds)
            return self.sent.get(openid, [])[after:]

    # --- the calls ----------------------------------------------------------------------

    def get(self, path: str, query: dict[str, str]) -> tuple[str, bytes]:
        if path == "/cgi-bin/media/get":
            return self._authorised(query) or self._media(query.get("media_id", ""))
        return _told({"errcode": 40066, "errmsg": "invalid url"})

    def post(self, path: str, query: dict[str, str], body: bytes) -> tuple[str, bytes]:
        if path == "/cgi-bin/stable_token":
            return _told({"access_token": TOKEN, "expires_in": 7200})
        if refused := self._authorised(query):
            return refused
        if path == "/cgi-bin/media/upload":
            return self._upload(body)
        if path == "/cgi-bin/message/custom/send":
            return self._send(json.loads(body))
        return _told({"errcode": 40066, "errmsg": "invalid url"})

    def _authorised(self, query: dict[str, str]) -> tuple[str, bytes] | None:
        if query.get("access_token") == TOKEN:
            return None
        return _told({"errcode": 40001, "errmsg": "invalid credential"})

    def _media(self, media_id: str) -> tuple[str, bytes]:
        if media_id not in self.media:
            return _told({"errcode": 40007, "errmsg": "invalid media_id"})
        return "image/jpeg", self.media[media_id]

    def _upload(self, body: bytes) -> tuple[str, bytes]:
        if self.refuses_pictures:
            return _told({"errcode": 45009, "errmsg": "reach max api daily quota limit"})
        found = _PICTURE.search(body)
        if not found:
            return _told({"errcode": 40004, "errmsg": "invalid media type"})
        media_id = f"uploaded-{len(self.uploaded)}"
        self.uploaded[media_id] = found.group(1)
        return _told({"type": "image", "media_id": media_id, "created_at": 1})

    def _send(self, message: dict[str, Any]) -> tuple[str, bytes]:
        if not self.verified:
            self.refused.append(message["touser"])
            return _told({"errcode": 48001, "errmsg": "api unauthorized rid: 1-2-3"})
        if message["msgtype"] == "image" and message["image"]["media_id"] not in self.uploaded:
            return _told({"errcode": 40007, "errmsg": "invalid media_id"})
        with self._heard:
            self.sent.setdefault(message["touser"], []).append(message)
            self._heard.notify_all()
        return _told({"errcode": 0, "errmsg": "ok"})


def _told(answer: dict[str, Any]) -> tuple[str, bytes]:
    return "application/json", json.dumps(answer).encode()


def _handler(api: PlatformApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(*api.get(*self._asked()))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._answer(*api.post(*self._asked(), body))

        def _asked(self) -> tuple[str, dict[str, str]]:
            parts = urlsplit(self.path)
            return parts.path, {k: v[0] for k, v in parse_qs(parts.query).items()}

        def _answer(self, media_type: str, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler
