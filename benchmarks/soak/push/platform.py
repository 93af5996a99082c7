"""`python -m benchmarks.soak.push.platform PORT DELAY_MS SHARE SEED`: the platform's end of
template and subscription messages, which answers a share of all calls with an error or not at all.

It knows a template message by its key for ten minutes, as the platform does. `GET /counts`: how
many messages each person got, how many calls each path had in its fullest second, how many answers
were lost after the message was taken.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sys
import time
from array import array
from collections import Counter

from benchmarks.push.platform import Connection, Platform, answer_of

TEMPLATE, SUBSCRIPTION = b"/cgi-bin/message/template/send", b"/cgi-bin/message/subscribe/send"
REMEMBERED_SECONDS = 600.0
_TO = re.compile(rb'"touser": ?"([^"]+)"')
_KEY = re.compile(rb'"client_msg_id": ?"([^"]+)"')
_BUSY = answer_of(b'{"errcode":-1,"errmsg":"system error"}')
_LEFT = answer_of(b'{"errcode":43004,"errmsg":"require subscribe"}')
_FAILED = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"
ERRORS = ("busy", "busy", "busy", "left", "failed", "cut before", "cut after", "cut after")
"""Of all errors each as likely. A cut connection leaves the caller without an answer: before the
message was taken, or after."""


class MixedPlatform(Platform):
    """Such a `share` of all sends ends in one of `ERRORS`."""

    def __init__(self, delay: float, share: float, seed: int) -> None:
        super().__init__(delay)
        self._share, self._random = share, random.Random(seed)  # noqa: S311 - repeatable
        self.got: Counter[str] = Counter()
        self.lost = 0
        self.calls = {TEMPLATE: array("d"), SUBSCRIPTION: array("d")}
        self.held = 0  # calls that have come and are not answered
        self._known: dict[bytes, tuple[float, int]] = {}
        self.repeats = 0

    def answer(self, transport: asyncio.Transport, path: bytes, body: bytes) -> None:
        """Answer one request, a send after the delay."""
        path = path.partition(b"?")[0]
        if path in self.calls:
            self.calls[path].append(time.monotonic())
            self.held += 1
            asyncio.get_running_loop().call_later(
                self.delay, self._answered, transport, self._sent(path, body)
            )
        elif path == b"/counts":
            transport.write(answer_of(json.dumps(self.told()).encode()))
        elif path == b"/held":
            transport.write(answer_of(json.dumps(self.held).encode()))
        else:
            super().answer(transport, path, body)

    def _answered(self, transport: asyncio.Transport, answer: bytes | None) -> None:
        self.held -= 1
        if answer is None:
            transport.abort()
        else:
            transport.write(answer)

    def _sent(self, path: bytes, body: bytes) -> bytes | None:
        """What a call comes to; None for an answer that is lost."""
        error = self._random.choice(ERRORS) if self._random.random() < self._share else ""
        if error == "busy":
            return _BUSY
        if error == "left":
            return _LEFT
        if error == "failed":
            return _FAILED
        if error == "cut before":
            self.lost += path == SUBSCRIPTION
            return None
        number = self._taken(body)
        if error:
            self.lost += path == SUBSCRIPTION
            return None
        return answer_of(b'{"errcode":0,"errmsg":"ok","msgid":%d}' % number)

    def _taken(self, body: bytes) -> int:
        """The message's number: the same for the same key."""
        now, key = time.monotonic(), _KEY.search(body)
        if key and (known := self._known.get(key[1])) and now - known[0] < REMEMBERED_SECONDS:
            self.repeats += 1
            return known[1]
        to = _TO.search(body)
        self.got[to[1].decode() if to else ""] += 1
        self.number += 1
        if key:
            self._known[key[1]] = (now, self.number)
        return self.number

    def told(self) -> dict[str, object]:
        """What scripts see."""
        return {
            "got": dict(self.got),
            "lost": self.lost,
            "repeats": self.repeats,
            "fullest": {path.decode(): fullest(self.calls[path]) for path in self.calls},
        }


def fullest(arrivals: array[float]) -> int:
    """The most calls of any second, wherever it begins."""
    most = first = 0
    for last, moment in enumerate(arrivals):
        while moment - arrivals[first] >= 1:
            first += 1
        most = max(most, last + 1 - first)
    return most


async def _serve(port: int, delay: float, share: float, seed: int) -> None:
    platform = MixedPlatform(delay, share, seed)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(platform), "127.0.0.1", port, backlog=1024)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    given = sys.argv[1:]
    asyncio.run(_serve(int(given[0]), float(given[1]) / 1000, float(given[2]), int(given[3])))
