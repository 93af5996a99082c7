"""Many POSTs at once to one address, over connections that are kept alive.

What a push needs of HTTP and nothing else, because the rest is what costs: a fifth of aiohttp's
processor time a message (docs/decisions/2026-11-26-posts-of-our-own.md). No redirects, no cookies,
no proxies, no compression. Each call has an end and each answer a size.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from requests.utils import DEFAULT_CA_BUNDLE_PATH

CONNECT_SECONDS = 2.0
IDLE_SECONDS = 5.0
"""After which a connection is not used again: servers close them, and a call that meets the closing
may have been carried out."""
LOOK_SECONDS = 0.1
"""By which an answer may be later than it should."""
LARGEST = 64 * 1024
"""Bytes of an answer, its head included."""

_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})(?: |\r\n)")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,9})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked[ \t]*\r\n", re.IGNORECASE)
_CODED = re.compile(rb"\r\n(?:transfer|content)-encoding:[ \t]*(?!identity)", re.IGNORECASE)
_CLOSES = re.compile(rb"\r\nconnection:[^\r]*close", re.IGNORECASE)
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,8})[^\r\n]*\r\n")


class NoAnswer(Exception):
    """None came that can be read. `unknown`: the call may have been carried out. Holds no address
    and nothing that was sent."""

    def __init__(self, detail: str, *, unknown: bool) -> None:
        super().__init__(detail)
        self.detail, self.unknown = detail, unknown


@dataclass(frozen=True, slots=True)
class Answer:
    """Of one call."""

    status: int
    body: bytes


class HttpClient:
    """Calls one server, as many at once as it is asked to. Of one event loop."""

    def __init__(self, base: str, *, connect_seconds: float = CONNECT_SECONDS) -> None:
        """`base`: scheme, host, port, and what stands before every path."""
        whole = urlsplit(base)
        self._host, self._secure = whole.hostname or "", whole.scheme == "https"
        self._port = whole.port or (443 if self._secure else 80)
        self._before = whole.path.rstrip("/")
        self._head = f" HTTP/1.1\r\nHost: {whole.netloc}\r\nAccept-Encoding: identity\r\n"
        self._tls = (
            ssl.create_default_context(cafile=DEFAULT_CA_BUNDLE_PATH) if self._secure else None
        )
        self._connect_seconds = connect_seconds
        self._idle: deque[tuple[float, _Line]] = deque()
        self._all: set[_Line] = set()
        self._looking = False

    async def post(self, target: str, body: bytes, seconds: float) -> Answer:
        """`target`: path and query. Raises `NoAnswer`."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + seconds
        line = self._kept(loop.time()) or await self._connected(seconds)
        if not self._looking:
            self._looking = True
            loop.call_later(LOOK_SECONDS, self._look, loop)
        head = f"POST {self._before}{target}{self._head}Content-Length: {len(body)}\r\n\r\n"
        try:
            answer = await line.exchanged(head.encode("ascii") + body, ends)
        except BaseException:
            line.close()
            raise
        if line.is_good:
            self._idle.append((loop.time(), line))
        else:
            line.close()
        return answer

    def close(self) -> None:
        """Let go of all connections; calls that are being made end unknown."""
        for line in list(self._all):
            line.close()
        self._idle.clear()

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """End the calls that are late. A timer for each would cost as much as its answer."""
        now = loop.time()
        waiting = [line for line in self._all if line.waits(now)]
        self._looking = bool(waiting)
        if waiting:
            loop.call_later(LOOK_SECONDS, self._look, loop)

    def _kept(self, now: float) -> _Line | None:
        """The one that was used last, if it is still good."""
        while self._idle:
            since, line = self._idle.pop()
            if line.is_good and now - since < IDLE_SECONDS:
                return line
            line.close()
        return None

    async def _connected(self, seconds: float) -> _Line:
        loop = asyncio.get_running_loop()
        connecting = loop.create_connection(
            lambda: _Line(self._all.discard), self._host, self._port, ssl=self._tls
        )
        try:
            async with asyncio.timeout(min(seconds, self._connect_seconds)):
                _, line = await connecting
        except (OSError, TimeoutError) as fault:  # ssl.SSLError among them
            raise NoAnswer(f"no connection: {type(fault).__name__}", unknown=False) from None
        self._all.add(line)
        return line


class _Line(asyncio.Protocol):
    """One connection: one call after the other."""

    def __init__(self, gone: Callable[[_Line], None]) -> None:
        self._gone = gone
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Answer] | None = None
        self._read, self._ends = b"", 0.0
        self.is_good = False

    async def exchanged(self, request: bytes, ends: float) -> Answer:
        loop = asyncio.get_running_loop()
        if self._transport is None or not self.is_good:
            raise NoAnswer("the connection was closed", unknown=False)
        self._waiting = loop.create_future()
        self._ends = ends
        try:
            self._transport.write(request)
            return await self._waiting
        finally:
            self._waiting = None

    def waits(self, now: float) -> bool:
        """Whether a call waits for its answer; one that is late does not any more."""
        if self._waiting is not None and now >= self._ends:
            self._fail("no answer in time")
        return self._waiting is not None

    def close(self) -> None:
        self.is_good = False
        self._fail("closed")
        if self._transport is not None:
            self._transport.abort()

    # --- what comes ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - for the types
        self._transport, self.is_good = transport, True

    def data_received(self, data: bytes) -> None:
        if self._waiting is None or self._waiting.done():
            self.close()  # nobody asked for this
            return
        self._read = self._read + data if self._read else data
        self._understand(closed=False)

    def eof_received(self) -> None:
        self.is_good = False

    def connection_lost(self, fault: Exception | None) -> None:
        self.is_good = False
        if self._waiting is not None and not self._waiting.done():
            if fault is None and self._read:
                self._understand(closed=True)
            self._fail("hung up")
        self._gone(self)

    def _understand(self, *, closed: bool) -> None:
        try:
            found = _answer(self._read, closed=closed)
        except ValueError as fault:
            self._fail(str(fault))
            return
        if found is None:
            return
        answer, keeps = found
        self._read = b""
        self.is_good = self.is_good and keeps
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(answer)

    def _fail(self, detail: str) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(NoAnswer(detail, unknown=True))


def _answer(read: bytes, *, closed: bool) -> tuple[Answer, bool] | None:
    """The answer in these bytes and whether the connection is good for another; None while it is
    not whole. `closed`: nothing more comes. ValueError for what is none."""
    if len(read) > LARGEST:
        raise ValueError("too large")
    ends = read.find(b"\r\n\r\n")
    if ends < 0:
        return None
    head, rest = read[: ends + 2], read[ends + 4 :]
    status = _STATUS.match(head)
    if status is None or status[1] < b"200":
        raise ValueError("not an answer")
    is_chunked, length = _CHUNKED.search(head), _LENGTH.search(head)
    if not is_chunked and _CODED.search(head):
        raise ValueError("an answer in a coding that nobody asked for")
    body: bytes | None
    if is_chunked:
        body, over = _dechunked(rest)
    elif length:
        whole = int(length[1])
        if whole > LARGEST:
            raise ValueError("too large")
        body, over = (rest[:whole], rest[whole:]) if len(rest) >= whole else (None, b"")
    else:
        body, over = (rest, b"") if closed else (None, b"")
    if body is None:
        return None
    keeps = not (closed or over or head[7:8] == b"0" or _CLOSES.search(head))
    return Answer(int(status[1]), body), keeps


def _dechunked(raw: bytes) -> tuple[bytes | None, bytes]:
    """The whole body, and what comes after it; (None, b"") while it is not whole."""
    found: list[bytes] = []
    at = 0
    while size := _CHUNK.match(raw, at):
        length, begins = int(size[1], 16), size.end()
        if length > LARGEST:
            raise ValueError("too large")
        if not length:
            ends = raw.find(b"\r\n", begins)  # of trailers, which end with an empty line
            while 0 <= ends != begins:
                begins, ends = ends + 2, raw.find(b"\r\n", ends + 2)
            return (b"".join(found), raw[ends + 2 :]) if ends >= 0 else (None, b"")
        at = begins + length + 2
        if len(raw) < at:
            return None, b""
        if raw[at - 2 : at] != b"\r\n":
            raise ValueError("not a chunk")
        found.append(raw[begins : begins + length])
    if b"\r\n" in raw[at:]:
        raise ValueError("not a chunk")
    return None, b""
