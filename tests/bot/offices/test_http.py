"""The HTTP policy, against a server that misbehaves in every way we know."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from bot.offices.http import JSON_LIMIT, OfficeHttp
from bot.ports import OfficeError
from tests.bot.offices.office_server import Handler, Office, saying, serving

KEY = "an office key of a test"
PERSON = {"name": "陈国强", "id_number": "119999199003070019"}


@contextmanager
def asking(office: Office) -> Iterator[OfficeHttp]:
    with serving(office):
        http = OfficeHttp("identity", office.url, KEY, clock=lambda: 1_700_000_000.9)
        try:
            yield http
        finally:
            http.close()


def fault_of(ask: Callable[[], object]) -> OfficeError:
    with pytest.raises(OfficeError) as caught:
        ask()
    return caught.value


def test_a_request_is_signed_over_time_method_path_and_body() -> None:
    office = saying(200, b'{"ok": true}')
    with asking(office) as http:
        assert http.ask("/v1/check", PERSON, 2) == {"ok": True}
    (heard,) = office.heard
    signed = b"1700000000.POST./office/v1/check." + heard.body
    assert heard.path == "/office/v1/check"
    assert heard.headers["x-office-time"] == "1700000000"
    expected = hmac.new(KEY.encode(), signed, hashlib.sha256).hexdigest()
    assert heard.headers["x-office-signature"] == expected
    assert json.loads(heard.body) == PERSON


@pytest.mark.parametrize(
    ("status", "retry", "unknown"),
    [
        (400, False, False),
        (401, False, False),
        (404, False, False),
        (429, True, False),
        (500, True, True),
        (503, True, True),
    ],
)
def test_a_status_says_whether_to_try_again(status: int, retry: bool, unknown: bool) -> None:
    office = saying(status, b"{}")
    with asking(office) as http:
        fault = fault_of(lambda: http.ask("/v1/check", PERSON, 2))
    assert (fault.retry, fault.unknown) == (retry, unknown)
    assert len(office.heard) == 1


def test_a_redirect_is_not_followed() -> None:
    def away(handler: Handler) -> None:
        handler.send_response(307)
        handler.send_header("Location", "/elsewhere")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    office = Office(away)
    with asking(office) as http:
        assert not fault_of(lambda: http.ask("/v1/check", PERSON, 2)).retry
    assert [heard.path for heard in office.heard] == ["/office/v1/check"]


@pytest.mark.parametrize("body", [b"<html>", b"", b"[1]", b"\xff\xfe", b"[" * 9000])
def test_an_answer_that_is_no_json_object_may_be_asked_for_again(body: bytes) -> None:
    with asking(saying(200, body)) as http:
        fault = fault_of(lambda: http.ask("/v1/check", PERSON, 2))
    assert (fault.reason, fault.retry, fault.unknown) == ("malformed", True, True)


def test_an_answer_larger_than_the_cap_is_refused() -> None:
    with asking(saying(200, b" " * (JSON_LIMIT + 1))) as http:
        assert fault_of(lambda: http.ask("/v1/check", PERSON, 2)).reason == "too large"


def test_an_answer_as_large_as_the_cap_is_taken() -> None:
    with asking(saying(200, b'{"a":1}' + b" " * (JSON_LIMIT - 7))) as http:
        assert http.ask("/v1/check", PERSON, 2) == {"a": 1}


def test_a_compressed_answer_is_not_unfolded() -> None:
    def bomb(handler: Handler) -> None:
        body = gzip.compress(b" " * 10_000_000)
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    with asking(Office(bomb)) as http:
        assert fault_of(lambda: http.ask("/v1/check", PERSON, 2)).reason == "malformed"


def test_a_chunked_answer_is_read_whole() -> None:
    def chunked(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b'5\r\n{"a":\r\n3\r\n 1}\r\n0\r\n\r\n')

    with asking(Office(chunked)) as http:
        assert http.ask("/v1/check", PERSON, 2) == {"a": 1}


def test_a_silent_office_is_given_up_in_time() -> None:
    started = time.monotonic()
    with asking(Office(lambda handler: time.sleep(1))) as http:
        fault = fault_of(lambda: http.ask("/v1/check", PERSON, 0.2))
        waited = time.monotonic() - started
    assert (fault.reason, fault.retry, fault.unknown) == ("timeout", True, True)
    assert waited < 0.8


def test_a_dripping_office_is_given_up_in_time() -> None:
    def drip(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        for _ in range(40):
            handler.wfile.write(b" ")
            time.sleep(0.05)

    started = time.monotonic()
    with asking(Office(drip)) as http:
        fault = fault_of(lambda: http.ask("/v1/check", PERSON, 0.3))
        waited = time.monotonic() - started
    assert fault.reason == "timeout"
    assert waited < 1.0


def test_a_port_where_nobody_listens_is_known_not_to_have_done_it() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        http = OfficeHttp("identity", f"http://127.0.0.1:{free.getsockname()[1]}", KEY)
        fault = fault_of(lambda: http.ask("/v1/check", PERSON, 2))
    assert (fault.reason, fault.retry, fault.unknown) == ("unreachable", True, False)


def test_a_connection_that_broke_before_the_answer_is_tried_once_more() -> None:
    office = Office(Handler.hang_up)

    def once(handler: Handler) -> None:
        office.answer = lambda second: second.say(200, b'{"ok": true}')
        handler.hang_up()

    office.answer = once
    with asking(office) as http:
        assert http.ask("/v1/check", PERSON, 2) == {"ok": True}
    assert len(office.heard) == 2


def test_a_connection_that_breaks_again_is_not_tried_a_third_time() -> None:
    office = Office(Handler.hang_up)
    with asking(office) as http:
        fault = fault_of(lambda: http.ask("/v1/check", PERSON, 2))
    assert (fault.reason, fault.unknown) == ("broken", True)
    assert len(office.heard) == 2


def test_without_time_nothing_is_asked() -> None:
    office = saying(200, b"{}")
    with asking(office) as http:
        assert fault_of(lambda: http.ask("/v1/check", PERSON, 0)).retry
    assert office.heard == []


def test_no_cookie_is_kept() -> None:
    def tracking(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Set-Cookie", "who=you; Path=/")
        handler.send_header("Content-Length", "2")
        handler.end_headers()
        handler.wfile.write(b"{}")

    office = Office(tracking)
    with asking(office) as http:
        http.ask("/v1/check", PERSON, 2)
        http.ask("/v1/check", PERSON, 2)
    assert "cookie" not in office.heard[1].headers


def test_an_error_names_the_office_and_nobody() -> None:
    with asking(saying(500, json.dumps(PERSON).encode())) as http:
        text = str(fault_of(lambda: http.ask("/v1/check", PERSON, 2)))
    assert text == "identity: http 500"
