"""What leaves is what python-alipay-sdk would have sent, byte for byte; what comes back is checked
where the SDK fails. The SDK untouched is the oracle."""

from __future__ import annotations

import inspect
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import alipay
import pytest

from bot.channels.alipay.gateway import (
    COMMON,
    CertificateGateway,
    Gateway,
    Hardened,
    gateway_of,
)
from config.city_alipay import Alipay
from tests.bot.channels.alipay.answers import PATH, signed
from tests.bot.channels.alipay.applications import application, untouched
from tests.bot.channels.wechat.platform import Platform

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # pyOpenSSL's, in the SDK

STAMP = "2026-11-23 10:04:00"
SEND = "alipay.open.public.message.custom.send"
CALLS: dict[str, tuple[str, dict[str, Any] | None, dict[str, Any]]] = {
    "a text": (
        SEND,
        {
            "to_user_id": "2088000000000001",
            "msg_type": "text",
            "text": {"content": "您好，进度：审核"},
        },
        {},
    ),
    "signs of all kinds": (
        SEND,
        {"text": {"content": "a+b&c=d%20 \"'\\/{}[]\n\t😀𠮷 ~*()"}, "n": [1, 2.5, True, None]},
        {},
    ),
    "nothing": ("alipay.open.public.menu.query", None, {}),
    "beside the content": (
        "alipay.system.oauth.token",
        None,
        {"grant_type": "authorization_code", "code": "4b203fe6c11548bcabd8da5bb087a83b"},
    ),
    "a person's token": (
        "alipay.user.info.share",
        None,
        {"auth_token": "composeBe0e5e14+/="},
    ),
}


def posted(gateway: Gateway, server: Platform, name: str) -> tuple[str, str]:
    """The query and the body of one call of ours."""
    method, content, parameters = CALLS[name]
    server.says(PATH, signed(method, {"code": "10000"}))
    gateway.call(method, content, timestamp=STAMP, **parameters)
    call = server.calls[-1]
    return call.raw_query, call.body.decode()


@pytest.mark.parametrize("certificates", [False, True])
@pytest.mark.parametrize("name", CALLS)
def test_a_request_is_the_sdks_own_byte_for_byte(
    server: Platform, name: str, certificates: bool
) -> None:
    """Where the SDK has one string in the address, ours stands in two places: that is all."""
    method, content, parameters = CALLS[name]
    sdk = untouched(certificates=certificates)
    theirs = sdk.client_api(method, content, timestamp=STAMP, **parameters).split("&")
    gateway = gateway_of(application(certificates=certificates), f"{server.address}{PATH}")
    query, body = posted(gateway, server, name)
    gateway.close()
    assert sorted(query.split("&") + body.split("&")) == sorted(theirs)
    assert [part for part in theirs if part in query.split("&")] == query.split("&")


def test_an_old_apps_request_is_the_sdks_own_too(server: Platform) -> None:
    city = Alipay(sign_types=("RSA",))
    gateway = gateway_of(application(city=city), f"{server.address}{PATH}")
    sdk = untouched(sign_type="RSA")
    theirs = sdk.client_api(SEND, CALLS["a text"][1], timestamp=STAMP)
    assert gateway.page(SEND, CALLS["a text"][1] or {}, timestamp=STAMP).endswith(f"?{theirs}")
    gateway.close()


def test_what_a_call_says_stands_in_the_body_and_not_in_the_address(
    gateway: Gateway, server: Platform
) -> None:
    for name in CALLS:
        query, body = posted(gateway, server, name)
        assert {key for key, _ in parse_qsl(query)} <= COMMON
        assert not COMMON & {key for key, _ in parse_qsl(body)}
        assert dict(parse_qsl(query))["charset"] == "utf-8"
    assert "2088000000000001" not in server.calls[0].raw_query


def test_a_page_for_the_browser_is_signed_as_the_sdk_does(gateway: Gateway) -> None:
    method = "alipay.user.certify.open.certify"
    theirs = untouched().client_api(method, {"certify_id": "c1"}, timestamp=STAMP)
    assert gateway.page(method, {"certify_id": "c1"}, timestamp=STAMP) == (
        f"{gateway._gateway}?{theirs}"
    )


@pytest.mark.parametrize("zone", ["America/New_York", "UTC"])
def test_the_time_stamp_is_beijings_wherever_this_machine_stands(
    server: Platform, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    at = datetime(2026, 12, 31, 16, 5, 9, tzinfo=UTC)
    gateway = gateway_of(application(), f"{server.address}{PATH}", clock=lambda: at)
    server.says(PATH, signed(SEND, {"code": "10000"}))
    gateway.call(SEND, {})
    gateway.close()
    assert server.calls[-1].query["timestamp"] == "2027-01-01 00:05:09"


REPLACED = (
    "_load_key",
    "_sign",
    "_verify",
    "build_body",
    "verified_sync_response",
    "_verify_and_return_sync_response",
)


@pytest.mark.parametrize("name", REPLACED)
def test_what_is_replaced_is_still_there_to_replace(name: str) -> None:
    """Otherwise the SDK would go its own way again, without a word."""
    theirs, ours = getattr(alipay.BaseAliPay, name), vars(Hardened)[name]
    names = [list(inspect.signature(each).parameters) for each in (theirs, ours)]
    assert len(names[0]) == len(names[1])
    assert name in inspect.getsource(alipay.BaseAliPay)


def test_what_is_relied_on_is_still_there() -> None:
    source = inspect.getsource(alipay.BaseAliPay)
    assert "self._load_key()" in inspect.getsource(alipay.BaseAliPay.__init__)
    assert "self._sign(" in inspect.getsource(alipay.BaseAliPay.sign_data)
    for caller in (alipay.BaseAliPay.server_api, alipay.BaseAliPay.client_api):
        assert "self.build_body(" in inspect.getsource(caller)
    assert "self.verified_sync_response(" in inspect.getsource(alipay.BaseAliPay.server_api)
    assert "self._gateway = " in source
    certificates = inspect.getsource(alipay.DCAliPay)
    for kept in ("_app_cert_sn", "_alipay_root_cert_sn", "def load_alipay_public_key_string"):
        assert kept in certificates
    assert "load_alipay_public_key_string" in vars(CertificateGateway)


@pytest.mark.parametrize("certificates", [False, True])
def test_no_key_of_ours_is_read_by_the_sdk(certificates: bool) -> None:
    gateway = gateway_of(application(certificates=certificates), "http://127.0.0.1:9/")
    assert gateway.app_private_key is gateway.app.own
    assert gateway.alipay_public_key is gateway.app.alipays
    gateway.close()
