"""The load: sends pre-built requests over kept connections and writes down every answer.

A process of its own: one thread, epoll, nothing decoded while the clock runs. wrk would be as
light, but cannot end after so many requests, keep to a rate, or hand back what was answered.
Every run also measures the same echo with wrk, to show that this is not the bottleneck.

Usage: python -m benchmarks.speed.load PORT REQUESTS ANSWERS PEOPLE CONNECTIONS RATE
(RATE in requests a second, 0: as fast as answers come)
"""

from __future__ import annotations

import json
import select
import socket
import sys
import time
from array import array
from collections import deque
from pathlib import Path

from benchmarks.speed.frames import read_frames, write_frames
from benchmarks.speed.order import previous

GIVE_UP = 30.0  # seconds without any answer: the server is gone


class Load:
    """One run over `requests`, in the order of `order.order`. Nobody writes on before the answer
    is there. Latencies count from when a request was due."""

    def __init__(
        self, port: int, requests: list[bytes], people: int, connections: int, rate: float
    ) -> None:
        self._requests, self._rate = requests, rate
        self._previous = previous(people, len(requests) // people)
        self._poll = select.epoll()
        self._sockets = {}
        for _ in range(connections):
            one = socket.create_connection(("127.0.0.1", port))
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets[one.fileno()] = one
            self._poll.register(one.fileno(), select.EPOLLIN)
        self._free = deque(self._sockets)
        self._begun: dict[int, tuple[int, float]] = {}
        self._partial: dict[int, bytes] = {}
        self.latencies = array("d", bytes(8 * len(requests)))
        self.answers: list[bytes] = [b""] * len(requests)
        self.seconds = 0.0

    def run(self) -> None:
        start = time.perf_counter()
        sent = done = 0
        while done < len(self._requests):
            now = time.perf_counter()
            while self._free and sent < len(self._requests) and self._may_write(sent):
                due = start + sent / self._rate if self._rate else now
                if due > now:
                    break
                self._send(sent, due)
                sent += 1
            done += self._receive(self._patience(start, sent))
        self.seconds = time.perf_counter() - start

    def _may_write(self, number: int) -> bool:
        before = self._previous[number]
        return before < 0 or bool(self.answers[before])

    def _patience(self, start: float, sent: int) -> float:
        """Seconds to wait for answers: no longer than until the next request is due."""
        ended = sent >= len(self._requests)
        if not self._rate or ended or not self._free or not self._may_write(sent):
            return GIVE_UP
        return max(0.0, start + sent / self._rate - time.perf_counter())

    def _send(self, number: int, due: float) -> None:
        place = self._free.popleft()
        self._begun[place] = number, due
        self._sockets[place].sendall(self._requests[number])

    def _receive(self, patience: float) -> int:
        events = self._poll.poll(patience)
        if not events and patience == GIVE_UP:
            raise TimeoutError("no answer for half a minute")
        return sum(self._read(place) for place, _ in events)

    def _read(self, place: int) -> bool:
        """Whether the answer is whole."""
        got = self._sockets[place].recv(65536)
        if not got:
            raise ConnectionError("the server closed a connection")
        got = self._partial.pop(place, b"") + got
        if not _whole(got):
            self._partial[place] = got
            return False
        number, due = self._begun.pop(place)
        self.latencies[number] = time.perf_counter() - due
        self.answers[number] = got
        self._free.append(place)
        return True

    def close(self) -> None:
        for one in self._sockets.values():
            one.close()
        self._poll.close()


def _whole(response: bytes) -> bool:
    head = response.find(b"\r\n\r\n")
    if head < 0:
        return False
    at = response.lower().find(b"content-length:", 0, head)
    length = int(response[at + 15 : response.index(b"\r\n", at)]) if at >= 0 else 0
    return len(response) >= head + 4 + length


def main(arguments: list[str]) -> None:
    port, requests, answers, people, connections, rate = arguments
    given = read_frames(Path(requests))
    load = Load(int(port), given, int(people), int(connections), float(rate))
    before = time.process_time()
    load.run()
    cpu = time.process_time() - before
    load.close()
    write_frames(Path(answers), [load.latencies.tobytes(), *load.answers])
    sys.stdout.write(json.dumps({"seconds": load.seconds, "cpu": cpu}))


if __name__ == "__main__":
    main(sys.argv[1:])
