"""A small real HTTP server on loopback that answers as a test tells it to, badly too."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Heard:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes


class Handler(BaseHTTPRequestHandler):
    """Hands every POST to the office's `answer`."""

    protocol_version = "HTTP/1.1"
    office: Office

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.office.heard.append(Heard(self.path, headers, body))
        try:
            self.office.answer(self)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def say(self, status: int, body: bytes, media_type: str = "application/json") -> None:
        """A whole, proper answer."""
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def hang_up(self) -> None:
        """Close without a word."""
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: the test tells what it saw."""


@dataclass
class Office:
    """What the server does with a request, and what it heard. `answer` may be replaced."""

    answer: Callable[[Handler], None]
    heard: list[Heard] = field(default_factory=list)
    url: str = ""


def saying(status: int, body: bytes, media_type: str = "application/json") -> Office:
    """An office that always answers the same."""
    return Office(lambda handler: handler.say(status, body, media_type))


@contextmanager
def serving(office: Office) -> Iterator[Office]:
    """Serve `office` on a free port, under the path /office."""
    handler = type("OfficeHandler", (Handler,), {"office": office})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    office.url = f"http://127.0.0.1:{server.server_port}/office"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield office
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
