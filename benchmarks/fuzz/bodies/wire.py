"""Sending requests over several kept connections, and what came back."""

from __future__ import annotations

import http.client
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain

from benchmarks.fuzz.bodies.mutants import Mutant

CONNECTIONS = 12
TOO_LARGE = 413
"""After which the server reads no more of the connection (RFC 9110, 15.5.14): a new one is made.
After any other answer a connection that does not hold is a finding."""

PATIENCE = 10.0  # seconds; the service answers within 3.5, on a crowded machine too within these


@dataclass(frozen=True, slots=True)
class Answer:
    """`status` 0: the connection was dropped, or no answer came in time. Seconds it took."""

    mutant: Mutant
    status: int
    body: bytes
    seconds: float


class Wire:
    """Connections to one server, kept open while it is sent to."""

    def __init__(self, port: int) -> None:
        self._lines = [
            http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
            for _ in range(CONNECTIONS)
        ]
        self._threads = ThreadPoolExecutor(CONNECTIONS)

    def send(self, mutants: Sequence[Mutant]) -> list[Answer]:
        """Every request once; returns when the last is answered.

        Over new connections: a server may close one that was not used for a while (RFC 9112, 9.8).
        """
        self._hang_up()
        shares = [mutants[place::CONNECTIONS] for place in range(CONNECTIONS)]
        return list(chain.from_iterable(self._threads.map(_all_on, self._lines, shares)))

    def close(self) -> None:
        self._hang_up()
        self._threads.shutdown()

    def _hang_up(self) -> None:
        for line in self._lines:
            line.close()  # opened again by the next request


def _all_on(line: http.client.HTTPConnection, mutants: Sequence[Mutant]) -> list[Answer]:
    return [_one_on(line, mutant) for mutant in mutants]


def _one_on(line: http.client.HTTPConnection, mutant: Mutant) -> Answer:
    headers = {"Content-Type": mutant.content_type} if mutant.content_type else {}
    started = time.perf_counter()
    try:
        with suppress(BrokenPipeError, ConnectionResetError):  # refused before all was sent
            line.request("POST", f"/wechat?{mutant.query}", mutant.body, headers)
        answer = line.getresponse()
        body, status = answer.read(), answer.status
        if status == TOO_LARGE:
            line.close()
    except (OSError, http.client.HTTPException):
        line.close()
        body, status = b"", 0
    return Answer(mutant, status, body, time.perf_counter() - started)
