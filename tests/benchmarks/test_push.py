"""The platform that pushes are measured against counts right, and every way to send is whole."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks.push.__main__ import _round, platform
from benchmarks.push.platform import Connection, Counts, Platform


class Written:
    """Of a transport what a connection uses."""

    def __init__(self) -> None:
        self.told: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.told.append(data)


def request(key: str, who: str = "alice") -> bytes:
    body = json.dumps({"touser": who, "client_msg_id": key}).encode()
    line = "POST /cgi-bin/message/template/send?access_token=t HTTP/1.1"
    return f"{line}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def test_requests_are_counted_however_they_come() -> None:
    async def go() -> tuple[list[bytes], dict[str, Any]]:
        whole, written = Platform(0.0), Written()
        line = Connection(whole)
        line._transport = written  # type: ignore[assignment]
        stream = request("k1") + request("k1") + request("k2", "bob")
        for at in range(0, len(stream), 7):
            line.data_received(stream[at : at + 7])
        return written.told, json.loads(whole.counts.told())

    told, counts = asyncio.run(go())
    assert [json.loads(each.partition(b"\r\n\r\n")[2])["msgid"] for each in told] == [1, 2, 3]
    assert counts == {"messages": 3, "people": 2, "doubles": 1, "fullest_second": 3}


def test_a_refused_chat_message_counts_in_its_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def go() -> tuple[dict[str, Any], dict[str, Any], dict[str, float]]:
        whole, written = Platform(0.0), Written()
        line = Connection(whole)
        line._transport = written  # type: ignore[assignment]
        line.data_received(request("k0").replace(b"template", b"custom"))
        line.data_received(request("k1") + request("k2", "oSingle-1") + request("k3", "oSingle-1"))
        line.data_received(b"GET /arrivals/oSingle- HTTP/1.1\r\n\r\n")
        refused, *_, arrived = (json.loads(each.partition(b"\r\n\r\n")[2]) for each in written.told)
        return refused, json.loads(whole.counts.told()), arrived

    moments = iter([1.0, 1.1, 1.2, 1.3])
    monkeypatch.setattr("benchmarks.push.platform.monotonic", lambda: next(moments))
    refused, counts, arrived = asyncio.run(go())
    assert refused["errcode"] == 45015
    assert counts == {"messages": 3, "people": 2, "doubles": 0, "fullest_second": 4}
    assert arrived == {"oSingle-1": 1.2}, "of who was written to twice the first"


def test_answers_wait_as_long_as_they_should() -> None:
    async def go() -> tuple[int, int]:
        whole, written = Platform(0.05), Written()
        line = Connection(whole)
        line._transport = written  # type: ignore[assignment]
        line.data_received(request("k1") + request("k2"))
        at_once = len(written.told)
        async with asyncio.timeout(5):
            while len(written.told) < 2:
                await asyncio.sleep(0.01)
        return at_once, len(written.told)

    assert asyncio.run(go()) == (0, 2)


def test_the_fullest_second_is_any_that_begins_with_an_arrival() -> None:
    counts = Counts()
    counts.arrivals.extend([0.0, 0.5, 0.9, 0.99, 1.0, 1.4, 3.0])
    assert counts._fullest() == 5, "from 0.5 on; 1.0 is a second after 0.0"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with platform(0) as made:
        yield made


@pytest.mark.parametrize("name", ["road", "wechatpy_shared"])
def test_every_sender_reaches_everybody_once(port: int, name: str, redis_url: str) -> None:
    found = _round(name, port, 60, 8, redis_url)
    assert found["messages"] == 60
    assert found["fullest_second"] <= 60
