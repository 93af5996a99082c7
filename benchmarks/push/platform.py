"""`python -m benchmarks.push.platform PORT DELAY_MS`: the platform's end of `template/send`, and as
little else as it can be, so that it is no bottleneck.

It answers each send after the delay, refuses chat messages as nobody has written of late (45015),
and counts who was written to, keys that came twice and the fullest second, refused calls in it: all
at `GET /counts`, which begins a new count. `GET /arrivals/PREFIX` tells when those whose openid
begins so were first written to, by this machine's monotonic clock.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from array import array
from collections import deque
from time import monotonic

_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json; encoding=utf-8\r\nContent-Length: "
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_TO = re.compile(rb'"touser": ?"([^"]+)"')
_KEY = re.compile(rb'"client_msg_id": ?"([^"]+)"')
_CLOSED = b'{"errcode":45015,"errmsg":"response out of time limit"}'
_ARRIVALS = b"/arrivals/"
_TOKEN = b'{"access_token":"token-of-the-bench","expires_in":7200}'


def answer_of(body: bytes) -> bytes:
    """A whole answer with this JSON."""
    return _HEAD + str(len(body)).encode() + b"\r\n\r\n" + body


class Counts:
    """Of one round."""

    def __init__(self) -> None:
        self.arrivals = array("d")
        self.messages = 0
        self.people: dict[bytes, float] = {}
        self.keys: set[bytes] = set()
        self.doubles = 0

    def arrive(self) -> float:
        """A call came, whatever becomes of it; when."""
        self.arrivals.append(now := monotonic())
        return now

    def note(self, body: bytes) -> None:
        """A message came and is taken."""
        now = self.arrive()
        self.messages += 1
        if who := _TO.search(body):
            self.people.setdefault(who[1], now)
        if key := _KEY.search(body):
            self.doubles += key[1] in self.keys
            self.keys.add(key[1])

    def told(self) -> bytes:
        found = {
            "messages": self.messages,
            "people": len(self.people),
            "doubles": self.doubles,
            "fullest_second": self._fullest(),
        }
        return json.dumps(found).encode()

    def arrived(self, prefix: bytes) -> bytes:
        """The first moment of each of them."""
        its = {who.decode(): at for who, at in self.people.items() if who.startswith(prefix)}
        return json.dumps(its).encode()

    def _fullest(self) -> int:
        most = first = 0
        for last, moment in enumerate(self.arrivals):
            while moment - self.arrivals[first] >= 1:
                first += 1
            most = max(most, last + 1 - first)
        return most


class Platform:
    """What all connections share. All answers wait equally long, so they leave in their order."""

    def __init__(self, delay: float) -> None:
        self.delay, self.counts, self.number = delay, Counts(), 0
        self._waiting: deque[tuple[float, asyncio.Transport, bytes]] = deque()
        self._loop = asyncio.get_running_loop()

    def answer(self, transport: asyncio.Transport, path: bytes, body: bytes) -> None:
        """Answer one request, a send after the delay."""
        if path.startswith(b"/cgi-bin/message/template/send"):
            self.counts.note(body)
            self.number += 1
            answer = b'{"errcode":0,"errmsg":"ok","msgid":%d}' % self.number
            self._say(transport, answer_of(answer))
        elif path.startswith(b"/cgi-bin/message/custom/send"):
            self.counts.arrive()
            self._say(transport, answer_of(_CLOSED))
        elif path == b"/counts":
            transport.write(answer_of(self.counts.told()))
            self.counts = Counts()
        elif path.startswith(_ARRIVALS):
            transport.write(answer_of(self.counts.arrived(path.removeprefix(_ARRIVALS))))
        else:
            transport.write(answer_of(_TOKEN))

    def _say(self, transport: asyncio.Transport, answer: bytes) -> None:
        if not self.delay:
            transport.write(answer)
            return
        self._waiting.append((self._loop.time() + self.delay, transport, answer))
        if len(self._waiting) == 1:
            self._loop.call_later(self.delay, self._due)

    def _due(self) -> None:
        now, waiting = self._loop.time() + 0.0005, self._waiting
        while waiting and waiting[0][0] <= now:
            _, transport, answer = waiting.popleft()
            transport.write(answer)
        if waiting:
            self._loop.call_at(waiting[0][0], self._due)


class Connection(asyncio.Protocol):
    """One, kept alive: requests with a length, one after the other."""

    def __init__(self, platform: Platform) -> None:
        self._platform, self._read = platform, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        read = self._read + data if self._read else data
        while (ends := read.find(b"\r\n\r\n")) >= 0:
            length = _LENGTH.search(read, 0, ends)
            whole = ends + 4 + (int(length[1]) if length else 0)
            if len(read) < whole:
                break
            path = read[: read.find(b"\r\n")].split(b" ")[1]
            self._platform.answer(self._transport, path, read[ends + 4 : whole])
            read = read[whole:]
        self._read = read


async def _serve(port: int, delay: float) -> None:
    platform = Platform(delay)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(platform), "127.0.0.1", port, backlog=1024)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), float(sys.argv[2]) / 1000))
