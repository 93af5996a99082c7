"""The address in Alipay's console, asked over HTTP: ours and others."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from bot.channels.alipay.callback import callback
from bot.channels.alipay.keys import read_keys
from bot.channels.alipay.replies import Answers
from bot.doctor.findings import Finding
from bot.simulator.server import QuietHandler
from tests.bot.channels.alipay.gateway import Gateway
from tests.bot.channels.alipay.sender import APP_ID, key_of, private_pem, public_line


@contextmanager
def listening(app: Any) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever, args=[0.02])
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/alipay"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def looked(address: str, whose: str = "ours") -> list[Finding]:
    return list(callback(address, key_of(whose).public_key()))


def test_the_service_is_known_by_its_own_signature(tmp_path: Path, redis_url: str) -> None:
    gateway = Gateway(tmp_path, redis_url)
    with listening(gateway.client.application) as address:
        (well,) = looked(address)
        assert (well.level, well.remedy) == ("ok", "")
        (other,) = looked(address, "strangers")
        assert (other.level, "another key" in other.told) == ("fault", True)
        _, wrong = looked(f"{address}/api/v1")
        assert (wrong.level, "404" in wrong.told) == ("fault", True)
    gateway.close()


ANSWERS = Answers(read_keys(private_pem("ours"), public_line("alipays")), APP_ID)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Response("success"), "no activation"),
        (Response(status=502), "502"),
        (Response(status=302, headers={"Location": "/elsewhere"}), "redirects"),
        (Response(ANSWERS.activated("GBK").body), "lets anybody activate it"),
        (Response("<response>x</response><sign>\xff</sign>"), "another key"),
    ],
)
def test_what_is_not_this_service_is_a_fault(answer: Response, told: str) -> None:
    with listening(answer) as address:
        (found,) = looked(address)
    assert found.level == "fault"
    assert told in found.told
    assert found.remedy


def test_an_address_where_nobody_listens_is_a_fault() -> None:
    (found,) = looked("http://127.0.0.1:9/alipay")
    assert (found.level, "ConnectionError" in found.told) == ("fault", True)
