"""Posting one push within a limit for the whole answer, and the three deliveries around it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from bot.simulator.push import Push

DELIVERIES = 3
_MAX_ANSWER = 64 * 1024


class NoAnswer(Exception):
    """No complete answer in time. `reached`: there was an answer, but not a 200."""

    def __init__(self, reached: bool) -> None:
        super().__init__("no complete answer with status 200")
        self.reached = reached


@dataclass(frozen=True, slots=True)
class Delivered:
    """What came of all deliveries: the answer's body, or None, and how many were needed."""

    body: bytes | None
    attempts: int


def deliver(url: str, push: Callable[[], Push], seconds: float) -> Delivered:
    """Post until answered, at most three times; `push` writes each delivery anew.

    Where nobody listens the next delivery waits for its turn, as the platform spreads the three
    over about fifteen seconds; after a refusal it follows at once.
    """
    for attempt in range(1, DELIVERIES + 1):
        started = time.monotonic()
        try:
            return Delivered(post(url, push(), seconds), attempt)
        except NoAnswer as fault:
            if not fault.reached and attempt < DELIVERIES:
                time.sleep(max(0.0, seconds - (time.monotonic() - started)))
    return Delivered(None, DELIVERIES)


def post(url: str, push: Push, seconds: float) -> bytes:
    """The body of a 200 that is complete within `seconds`. Raises `NoAnswer`."""
    until = time.monotonic() + seconds
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=seconds)
    try:
        connection.connect()
        with _WATCH.cut_at(until, connection.sock):
            query = f"?{push.query}" if push.query else ""
            status, body = _exchange(connection, f"{parts.path}{query}", push)
    except (OSError, HTTPException) as error:
        raise NoAnswer(reached=False) from error
    finally:
        connection.close()
    if status != 200 or time.monotonic() > until:
        raise NoAnswer(reached=True)
    return body


def _exchange(connection: HTTPConnection, path: str, push: Push) -> tuple[int, bytes]:
    headers = {
        "Content-Type": push.content_type,
        "User-Agent": "Mozilla/4.0",
        "Connection": "close",
    }
    connection.request("POST", path, push.body, headers)
    answer = connection.getresponse()
    body = answer.read(_MAX_ANSWER)
    if answer.length:
        raise HTTPException("the answer ended early or is too long")
    return answer.status, body


class _Watch:
    """Cuts exchanges that are not over in time, however slowly their bytes still drip in: one
    thread for all of them, started with the first."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._open: dict[socket.socket, float] = {}
        self._thread: threading.Thread | None = None

    @contextmanager
    def cut_at(self, until: float, sock: socket.socket) -> Iterator[None]:
        """End the exchange inside at `until`."""
        with self._changed:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()
            if not self._open or until < min(self._open.values()):
                self._changed.notify()
            self._open[sock] = until
        try:
            yield
        finally:
            with self._changed:
                self._open.pop(sock, None)

    def _run(self) -> None:
        while True:
            with self._changed:
                first = min(self._open.values(), default=None)
                self._changed.wait(None if first is None else max(0.0, first - time.monotonic()))
                now = time.monotonic()
                for sock in [sock for sock, until in self._open.items() if until <= now]:
                    del self._open[sock]
                    _shut(sock)


_WATCH = _Watch()


def _shut(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
