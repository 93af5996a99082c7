"""Posts of our own: kept connections, an end and a size to everything, and what nobody knows."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.push import http
from bot.push.http import Answer, HttpClient, NoAnswer

JSON = b'{"errcode":0}'
SAID = b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n" + JSON
OK = Answer(200, JSON)


class Server:
    """Says to each request the next of its answers, in the pieces it is given; then the last one
    again. An empty piece hangs up, None says nothing more."""

    def __init__(self) -> None:
        self.answers: list[list[bytes | None]] = [[SAID]]
        self.requests: list[bytes] = []
        self.connections = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/base"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        with closing(line):
            while request := _whole(line):
                self.requests.append(request)
                told = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                for piece in told:
                    if piece == b"":
                        return
                    if piece is None:
                        line.recv(1)
                        return
                    line.sendall(piece)

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


def _whole(line: socket.socket) -> bytes:
    read = b""
    while True:
        head, found, body = read.partition(b"\r\n\r\n")
        if found and len(body) >= int(head.rsplit(b"Content-Length: ")[1]):
            return read
        try:
            more = line.recv(65536)
        except OSError:
            return b""
        if not more:
            return b""
        read += more


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


def posted(server: Server, times: int = 1, seconds: float = 5.0) -> list[Answer | str]:
    """One after the other; of those without an answer, why, with a ? where nobody knows."""

    async def go() -> list[Answer | str]:
        client = HttpClient(server.url)
        found: list[Answer | str] = []
        for _ in range(times):
            try:
                found.append(await client.post("/send?a=b", "你好".encode(), seconds))
            except NoAnswer as fault:
                found.append(fault.detail + "?" * fault.unknown)
        client.close()
        return found

    return asyncio.run(go())


def test_a_connection_serves_one_call_after_the_other(server: Server) -> None:
    assert posted(server, 5) == [OK] * 5
    assert server.connections == 1
    assert server.requests[0] == (
        b"POST /base/send?a=b HTTP/1.1\r\nHost: " + server.url[7:-5].encode() + b"\r\n"
        b"Accept-Encoding: identity\r\nContent-Length: 6\r\n\r\n\xe4\xbd\xa0\xe5\xa5\xbd"
    )


def test_as_many_connections_are_made_as_calls_at_once(server: Server) -> None:
    async def go() -> list[Answer]:
        client = HttpClient(server.url)
        for _ in range(2):
            found = await asyncio.gather(*(client.post("/", b"", 5.0) for _ in range(20)))
        client.close()
        return found

    assert asyncio.run(go()) == [OK] * 20
    assert server.connections == 20


@pytest.mark.parametrize(
    "pieces",
    [
        [SAID[:30], SAID[30:50], SAID[50:]],
        [bytes([one]) for one in SAID],
        [b"HTTP/1.1 200 OK\r\ncontent-length:13\r\nX: y\r\n\r\n", JSON],
        [
            b"HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n5\r\n",
            *(JSON[:5], b"\r\n8;a=b\r\n", JSON[5:] + b"\r\n0\r\n", b"Trailer: one\r\n", b"\r\n"),
        ],
    ],
    ids=["in pieces", "byte by byte", "lower case", "chunked"],
)
def test_an_answer_is_whole_however_it_comes(server: Server, pieces: list[bytes | None]) -> None:
    server.answers = [pieces]
    assert posted(server, 2) == [OK, OK]
    assert server.connections == 1


@pytest.mark.parametrize(
    "said",
    [
        [b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 13\r\n\r\n" + JSON],
        [b"HTTP/1.0 200 OK\r\nContent-Length: 13\r\n\r\n" + JSON],
        [b"HTTP/1.1 200 OK\r\n\r\n" + JSON, b""],
        [SAID + b"HTTP/1.1 200 OK\r\n"],
        [SAID, b""],
    ],
    ids=["says so", "of old", "without a length", "more than was asked for", "without a word"],
)
def test_a_connection_that_ends_is_not_used_again(server: Server, said: list[bytes | None]) -> None:
    server.answers = [said]

    async def go() -> list[Answer]:
        client = HttpClient(server.url)
        found = []
        for _ in range(2):
            found.append(await client.post("/", b"", 5.0))
            await asyncio.sleep(0.02)  # the server hangs up behind its answer
        client.close()
        return found

    assert asyncio.run(go()) == [OK, OK]
    assert server.connections == 2


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ([b""], "hung up?"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + JSON, b""], "hung up?"),
        ([b"<html>\r\n\r\n"], "not an answer?"),
        ([b"HTTP/1.1 100 Continue\r\n\r\n" + SAID], "not an answer?"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"], "too large?"),
        ([b"HTTP/1.1 200 OK\r\nX: " + b"y" * http.LARGEST], "too large?"),
        ([b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\n\x1f"],
         "an answer in a coding that nobody asked for?"),
        ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"], "not a chunk?"),
        ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n"], "not a chunk?"),
        ([None], "no answer in time?"),
    ],
)  # fmt: skip
def test_after_sending_nobody_knows_what_became_of_a_call_without_an_answer(
    server: Server, said: list[bytes | None], why: str
) -> None:
    server.answers = [said, [SAID]]
    assert posted(server, 2, seconds=0.3 if said == [None] else 5.0) == [why, OK]
    assert server.connections == 2, "the connection is not used again"


def test_a_call_that_cannot_have_left_is_known_to_have_stayed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    async def go(url: str) -> str:
        with pytest.raises(NoAnswer) as refused:
            await HttpClient(url, connect_seconds=0.2).post("/?access_token=hidden", b"", 5.0)
        return refused.value.detail + "?" * refused.value.unknown

    assert asyncio.run(go(f"http://127.0.0.1:{port}")) == "no connection: ConnectionRefusedError"
    # It listens and takes nobody.
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        with socket.create_connection(address), socket.socket() as second:
            second.setblocking(False)
            second.connect_ex(address)
            assert asyncio.run(go(f"http://127.0.0.1:{address[1]}")) in (
                "no connection: TimeoutError",
                "no answer in time?",
            )


def test_a_server_without_a_certificate_is_not_spoken_to(server: Server) -> None:
    server.answers = [[b""]]

    async def go() -> NoAnswer:
        client = HttpClient(server.url.replace("http:", "https:"))
        with pytest.raises(NoAnswer) as refused:
            await client.post("/", b"secret", 0.5)
        return refused.value

    assert not asyncio.run(go()).unknown
    assert server.requests == []


def test_a_call_that_is_given_up_leaves_no_answer_for_the_next(server: Server) -> None:
    server.answers = [[None], [SAID]]

    async def go() -> Answer:
        client = HttpClient(server.url)
        first = asyncio.create_task(client.post("/first", b"", 5.0))
        await _until(lambda: bool(server.requests))
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        found = await client.post("/second", b"", 5.0)
        client.close()
        return found

    assert asyncio.run(go()) == OK
    assert server.connections == 2


def test_a_connection_that_was_idle_for_long_is_not_trusted(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "IDLE_SECONDS", 0.0)
    assert posted(server, 3) == [OK] * 3
    assert server.connections == 3


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.005)


@given(some.lists(some.binary(max_size=40)), some.integers(0, 400))
def test_chunks_are_read_as_they_were_written(parts: list[bytes], cut: int) -> None:
    full = [part for part in parts if part]
    raw = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in full) + b"0\r\n\r\n"
    assert http._dechunked(raw + b"more") == (b"".join(full), b"more")
    if cut < len(raw):
        assert http._dechunked(raw[:cut])[0] is None


@given(some.binary(max_size=300), some.booleans())
def test_whatever_comes_is_an_answer_or_a_fault_of_ours(noise: bytes, closed: bool) -> None:
    for read in (noise, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + noise):
        try:
            found = http._answer(read, closed=closed)
        except ValueError:
            continue
        assert found is None or found[0].status >= 200
