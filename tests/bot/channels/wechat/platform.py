"""A small platform on loopback that keeps to the wire and misbehaves on demand."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Json = dict[str, Any]
Answer = Json | bytes | Callable[["_Handler"], None]


@dataclass
class Call:
    path: str
    query: dict[str, str]
    body: bytes
    raw_query: str = ""

    @property
    def json(self) -> Json:
        return dict(json.loads(self.body))


@dataclass
class Platform:
    """What it was asked, and what it answers: by path, one after the other, the last for ever."""

    address: str = ""
    calls: list[Call] = field(default_factory=list)
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    tokens: int = 0
    lasting: int = 7200
    same_token: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def says(self, path: str, *answers: Answer) -> None:
        self.answers[path] = list(answers)

    def counted(self) -> Counter[str]:
        return Counter(call.path.removeprefix("/cgi-bin/") for call in self.calls)

    def answer(self, call: Call) -> Answer:
        with self._lock:
            self.calls.append(call)
            told = self.answers.get(call.path)
            if told:
                return told.pop(0) if len(told) > 1 else told[0]
            return self._usual(call)

    def _usual(self, call: Call) -> Answer:
        if call.path == "/cgi-bin/stable_token":
            if not self.same_token or not self.tokens or call.json["force_refresh"]:
                self.tokens += 1
            return {"access_token": f"token-{self.tokens}", "expires_in": self.lasting}
        if call.query.get("access_token") != f"token-{self.tokens}":
            return {"errcode": 40001, "errmsg": "invalid credential rid: 1-2-3"}
        if call.path == "/cgi-bin/media/upload":
            return {"type": "image", "media_id": "media-1", "created_at": 1}
        return {"errcode": 0, "errmsg": "ok"}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10  # a connection that a failed test keeps open must not keep the run from ending
    platform: Platform
    released: threading.Event

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        split = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        answer = self.platform.answer(
            Call(split.path, dict(parse_qsl(split.query)), body, split.query)
        )
        # The client hangs up on what is too long or too late: that is what is tested.
        with suppress(ConnectionError):
            if callable(answer):
                answer(self)
            elif isinstance(answer, bytes):
                self.write(answer, "image/jpeg")
            else:
                self.write(json.dumps(answer, ensure_ascii=False).encode(), "application/json")

    def write(self, body: bytes, kind: str, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def hang(handler: _Handler) -> None:
    """Says nothing until the test ends, then hangs up."""
    handler.released.wait(20)
    handler.close_connection = True


def drip(handler: _Handler) -> None:
    """Begins an answer and sends a byte now and then."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.close_connection = True
    for _ in range(200):
        handler.wfile.write(b" ")
        if handler.released.wait(0.05):
            return


def hang_up(handler: _Handler) -> None:
    """Closes the connection without an answer."""
    handler.close_connection = True


def page(handler: _Handler) -> None:
    """A page of HTML with status 200, as a gateway shows it."""
    handler.write(b"<html>login</html>", "text/html")


def status(code: int) -> Answer:
    return lambda handler: handler.write(b"<html>", "text/html", code)


def redirect(handler: _Handler) -> None:
    handler.write(b"", "text/html", 302, Location=f"{handler.platform.address}/elsewhere")


@contextmanager
def running() -> Iterator[Platform]:
    platform = Platform()
    released = threading.Event()
    kind = type("Handler", (_Handler,), {"platform": platform, "released": released})
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    server.daemon_threads = False
    platform.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield platform
    finally:
        released.set()
        server.shutdown()
        thread.join()
        server.socket.close()
