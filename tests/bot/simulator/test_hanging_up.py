"""A caller who hangs up: what was opened for the answer is let go of."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any

from werkzeug.serving import make_server

from bot.simulator.server import QuietHandler

RESET = struct.pack("ii", 1, 0)  # no waiting: closing sends a reset


class _Answer:
    """One byte; it ends when the caller is gone."""

    def __init__(self) -> None:
        self.gone, self.closed = threading.Event(), threading.Event()

    def __call__(self, environ: object, start: Any) -> _Answer:
        start("200 OK", [("Content-Length", "1")])
        return self

    def __iter__(self) -> Iterator[bytes]:
        yield b"x"
        self.gone.wait(5)

    def close(self) -> None:
        self.closed.set()


def test_an_answer_is_closed_after_a_reset() -> None:
    answer = _Answer()
    server = make_server("127.0.0.1", 0, answer, threaded=True, request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, args=[0.02], daemon=True)
    thread.start()
    with socket.create_connection(("127.0.0.1", server.server_port), 5) as caller:
        caller.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert caller.recv(1000).startswith(b"HTTP/1.")
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    answer.gone.set()
    assert answer.closed.wait(5)
    server.shutdown()
    thread.join()
    server.server_close()
