"""The client against a gateway that errs, lies, stutters and falls silent: over HTTP."""

from __future__ import annotations

import io
import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bot.channels.alipay.aes import sealed
from bot.channels.alipay.errors import GatewayError, Kind
from bot.channels.alipay.gateway import Gateway, gateway_of
from config.city_alipay import Alipay
from tests.bot.channels.alipay.answers import PATH, Answer, fault, raw, signed
from tests.bot.channels.alipay.applications import application
from tests.bot.channels.alipay.issuing import key_of
from tests.bot.channels.wechat.platform import (
    Platform,
    drip,
    hang,
    hang_up,
    page,
    redirect,
    status,
)

SEND = "alipay.open.public.message.custom.send"
QUERY = "alipay.user.certify.open.query"
NASTY = {"code": "10000", "msg": 'Suc"}{\\"cess', "a}b": "{", "list": [{"x": "]}"}], "中": "😀"}


def refused(
    gateway: Gateway, server: Platform, *answers: Answer | Any, method: str = SEND, **how: Any
) -> GatewayError:
    """The fault of one call that is answered so."""
    server.says(PATH, *answers)
    with pytest.raises(GatewayError) as raised:
        gateway.call(method, {"text": {"content": "您好"}}, **how)
    return raised.value


# --- what is believed ---


def test_a_success_whose_signature_holds_is_the_answer(gateway: Gateway, server: Platform) -> None:
    server.says(PATH, signed(SEND, NASTY))
    assert gateway.call(SEND, {}) == NASTY


def test_an_answer_with_escapes_is_checked_as_it_was_sent(
    gateway: Gateway, server: Platform
) -> None:
    server.says(PATH, signed(SEND, r'{ "code":"10000", "u":"https:\/\/x.example\/\u4e2d}" }'))
    assert gateway.call(SEND, {})["u"] == "https://x.example/中}"


def test_a_success_in_gbk_is_read_although_utf8_was_asked_for(
    gateway: Gateway, server: Platform
) -> None:
    server.says(PATH, signed(SEND, {"code": "10000", "msg": "成功"}, charset="gbk"))
    assert gateway.call(SEND, {})["msg"] == "成功"


def test_a_token_is_a_success_without_a_code(gateway: Gateway, server: Platform) -> None:
    method = "alipay.system.oauth.token"
    server.says(PATH, signed(method, {"access_token": "t", "open_id": "o"}))
    assert gateway.call(method, grant_type="authorization_code", code="c")["open_id"] == "o"


def test_what_is_sealed_is_signed_sealed_and_opened_then(server: Platform) -> None:
    app = application(city=Alipay(encrypts=True))
    gateway = gateway_of(app, f"{server.address}{PATH}")
    node = json.dumps(sealed(json.dumps({"code": "10000", "n": "}"}), app.content_key))
    server.says(PATH, signed(SEND, node))
    assert gateway.call(SEND, {"text": "您好"}) == {"code": "10000", "n": "}"}
    call = server.calls[-1]
    assert call.query["encrypt_type"] == "AES"
    assert "biz_content=" in call.body.decode()
    assert "text" not in call.body.decode()
    menu = "alipay.open.public.menu.query"
    server.says(PATH, signed(menu, {"code": "10000"}))
    gateway.call(menu)
    assert "encrypt_type" not in server.calls[-1].query, "nothing is sealed where nothing is said"
    gateway.close()


def test_nothing_is_opened_under_a_signature_that_does_not_hold(server: Platform) -> None:
    app = application()
    gateway = gateway_of(app, f"{server.address}{PATH}")
    node = json.dumps(sealed('{"code":"10000"}', app.content_key))
    told = refused(gateway, server, signed(SEND, node, key=key_of("nobody")))
    assert told.kind is Kind.UNTRUSTED
    gateway.close()


# --- what is not ---

ERROR = fault("40004", "PUB.MSG_SD_OVER_TIME")
LIES: dict[str, Answer] = {
    "another's signature": signed(SEND, NASTY, key=key_of("nobody")),
    "no signature": signed(SEND, NASTY, unsigned=True),
    "no signature, no code": signed(SEND, {"message_id": "1"}, unsigned=True),
    "an error's name, unsigned": signed(SEND, NASTY, name="error_response", unsigned=True),
    "an error's name, signed": signed(SEND, NASTY, name="error_response"),
    "another call's answer": signed("alipay.open.public.menu.query", NASTY),
    "an error that is not theirs": signed(SEND, ERROR, key=key_of("nobody")),
    "a signature of something else": raw(
        b'{"alipay_open_public_message_custom_send_response":{"code":"10000"},"sign":"AAAA"}'
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_what_alipay_has_not_signed_is_never_a_success(
    gateway: Gateway, server: Platform, lie: str
) -> None:
    told = refused(gateway, server, LIES[lie])
    assert told.kind in (Kind.UNTRUSTED, Kind.AWAY)
    assert told.unknown, "it may have been carried out"


@pytest.mark.parametrize("frame", ["signed", "unsigned", "error_response", "unsigned error"])
@pytest.mark.parametrize("charset", ["utf-8", "gbk"])
def test_an_error_is_read_in_every_shape(
    gateway: Gateway, server: Platform, frame: str, charset: str
) -> None:
    name = "error_response" if "error" in frame else ""
    told = refused(
        gateway,
        server,
        signed(SEND, ERROR, name=name, unsigned="unsigned" in frame, charset=charset),
    )
    assert (told.kind, told.code, told.sub_code) == (
        Kind.WINDOW,
        "40004",
        "PUB.MSG_SD_OVER_TIME",
    )
    assert not told.unknown


NOT_ANSWERS: dict[str, Answer | Any] = {
    "HTML": page,
    "nothing": raw(b""),
    "neither node": raw(b'{"sign":"x"}'),
    "half": raw(b'{"alipay_open_public_message_custom_send_response":{"co'),
    "a list": signed(SEND, "[1]"),
    "a number": signed(SEND, "1"),
    "a text": signed(SEND, '"not sealed"'),
    "deep": signed(SEND, "[" * 90_000 + "]" * 90_000),
    "502": status(502),
    "504": status(504),
    "hang up": hang_up,
}


@pytest.mark.parametrize("kind", NOT_ANSWERS)
def test_what_is_no_answer_leaves_the_end_unknown(
    gateway: Gateway, server: Platform, kind: str
) -> None:
    told = refused(gateway, server, NOT_ANSWERS[kind])
    assert (told.kind, told.unknown) == (Kind.AWAY, True)


@pytest.mark.parametrize("code", [403, 404, 413])
def test_a_wrong_address_is_our_settings_fault(
    gateway: Gateway, server: Platform, code: int
) -> None:
    told = refused(gateway, server, status(code))
    assert (told.kind, told.unknown) == (Kind.CONFIGURATION, False)


def test_no_redirect_is_followed(gateway: Gateway, server: Platform) -> None:
    told = refused(gateway, server, redirect)
    assert told.kind is Kind.CONFIGURATION
    assert [call.path for call in server.calls] == [PATH]


@pytest.mark.parametrize("stuck", [hang, drip])
def test_a_call_ends_in_time(gateway: Gateway, server: Platform, stuck: Answer) -> None:
    server.says(PATH, stuck)
    started = time.monotonic()
    with pytest.raises(GatewayError) as raised, gateway.within(0.3):
        gateway.call(SEND, {})
    assert time.monotonic() - started < 1.5
    assert (raised.value.kind, raised.value.unknown) == (Kind.AWAY, True)


def test_a_call_without_time_is_not_made(gateway: Gateway, server: Platform) -> None:
    with pytest.raises(GatewayError, match="no time left"), gateway.within(0.0):
        gateway.call(SEND, {})
    assert server.calls == []


def test_a_gateway_that_is_away_has_done_nothing() -> None:
    gateway = gateway_of(application(), "http://127.0.0.1:9/gateway.do")
    with pytest.raises(GatewayError) as raised:
        gateway.call(SEND, {})
    assert (raised.value.kind, raised.value.unknown) == (Kind.AWAY, False)
    gateway.close()


def test_another_certificate_is_named_as_the_reason(server: Platform) -> None:
    gateway = gateway_of(application(certificates=True), f"{server.address}{PATH}")
    told = refused(gateway, server, signed(SEND, NASTY, key=key_of("nobody"), cert_sn="0" * 32))
    assert told.detail == "signed by another certificate"
    server.says(PATH, signed(SEND, NASTY, cert_sn="0" * 32))
    assert gateway.call(SEND, {}) == NASTY, "the signature decides, not the name beside it"
    gateway.close()


# --- trying again ---

BUSY = fault("20000", "aop.unknow-error")


@contextmanager
def counted(server: Platform) -> Iterator[Callable[[], int]]:
    before = len(server.calls)
    yield lambda: len(server.calls) - before


def test_a_question_is_asked_three_times_and_then_given_up(
    gateway: Gateway, server: Platform
) -> None:
    with counted(server) as calls:
        told = refused(gateway, server, signed(QUERY, BUSY), method=QUERY, repeatable=True)
        assert calls() == 3
    assert not told.unknown, "a question does nothing"


def test_a_question_that_is_answered_at_last_is_answered(
    gateway: Gateway, server: Platform
) -> None:
    server.says(PATH, status(502), hang_up, signed(QUERY, {"code": "10000", "passed": "T"}))
    assert gateway.call(QUERY, {}, repeatable=True)["passed"] == "T"


def test_a_message_is_never_sent_again_by_itself(gateway: Gateway, server: Platform) -> None:
    for answer in (signed(SEND, BUSY), status(502), hang_up):
        with counted(server) as calls:
            assert refused(gateway, server, answer).unknown
            assert calls() == 1


def test_a_time_stamp_that_was_refused_is_written_anew_once(
    gateway: Gateway, server: Platform
) -> None:
    wrong = signed(SEND, fault("40002", "isv.invalid-timestamp"), unsigned=True)
    server.says(PATH, wrong, signed(SEND, {"code": "10000"}))
    with counted(server) as calls:
        gateway.call(SEND, {})
        assert calls() == 2
    with counted(server) as calls:
        assert refused(gateway, server, wrong).kind is Kind.CLOCK
        assert calls() == 2


def test_a_code_that_nobody_has_listed_is_asked_about_once_more(
    gateway: Gateway, server: Platform
) -> None:
    for code, tries in (("30001", 2), ("49999", 1)):
        with counted(server) as calls:
            refused(gateway, server, signed(QUERY, fault(code)), method=QUERY, repeatable=True)
            assert calls() == tries


def test_no_retry_outlasts_the_time(gateway: Gateway, server: Platform) -> None:
    started = time.monotonic()
    with gateway.within(0.15), counted(server) as calls:
        refused(gateway, server, signed(QUERY, BUSY), method=QUERY, repeatable=True)
        assert calls() == 1
    assert time.monotonic() - started < 1.0


# --- settings that are refused ---


def test_refused_settings_are_not_tried_again_and_again(gateway: Gateway, server: Platform) -> None:
    wrong = signed(SEND, fault("40002", "isv.invalid-signature"), unsigned=True)
    for _ in range(4):
        assert refused(gateway, server, wrong).kind is Kind.CONFIGURATION
    assert len(server.calls) == 1
    with pytest.raises(GatewayError, match="invalid-signature"):
        gateway.call(QUERY, {}, repeatable=True)
    assert len(server.calls) == 1


def test_a_product_that_is_not_opened_hinders_no_other_call(
    gateway: Gateway, server: Platform
) -> None:
    wrong = signed(SEND, fault("40006", "isv.insufficient-isv-permissions"))
    for _ in range(2):
        assert refused(gateway, server, wrong).kind is Kind.RIGHTS
    assert len(server.calls) == 2


# --- the wire ---


def test_calls_share_a_connection(gateway: Gateway, server: Platform) -> None:
    places = set()

    def answer(handler: Any) -> None:
        places.add(handler.client_address)
        signed(SEND, {"code": "10000"})(handler)

    server.says(PATH, answer)
    for _ in range(5):
        gateway.call(SEND, {})
    assert len(places) == 1


def test_an_answer_longer_than_any_is_not_read_to_its_end(
    gateway: Gateway, server: Platform
) -> None:
    told = refused(gateway, server, raw(b" " * (1024 * 1024 + 1)))
    assert told.detail == "too large"


def test_nothing_of_a_call_stands_in_logs_or_exceptions(gateway: Gateway, server: Platform) -> None:
    """`sub_msg` may quote what was sent; urllib3 logs whole addresses when debugging is on."""
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    root = logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in ("root", "urllib3")}
    root.addHandler(handler)
    for name in levels:  # an application of another test may have made it quiet
        logging.getLogger(name).setLevel(logging.DEBUG)
    try:
        told = refused(
            gateway,
            server,
            signed(SEND, fault("40004", "PUB.X", sub_msg="陈国强 13900000001")),
            auth_token="tok-1234567",
        )
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)
        root.removeHandler(handler)
    everything = f"{heard.getvalue()}{told}{told.detail}{told!r}"
    sign = server.calls[-1].query["sign"]
    for secret in ("13900000001", "陈国强", "tok-1234567", "您好", sign, sign[:20]):
        assert secret not in everything
    assert "gateway.do" in heard.getvalue(), "the address was logged, without them"
