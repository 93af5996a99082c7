"""The simulated gateway, called by python-alipay-sdk as it is, and by hand for what that cannot."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import requests
from alipay.exceptions import AliPayException

from bot.simulator.alipay.aes import decrypt, encrypt
from bot.simulator.server import RunningSimulator
from tests.bot.simulator.alipay.conftest import QUERY, Call, node, sub_code
from tests.bot.simulator.alipay.service import (
    APP_ID,
    beijing,
    config,
    holds,
    keys,
    sdk,
    signed,
)
from tests.bot.simulator.conftest import Clock, Phone

CUSTOM = "alipay.open.public.message.custom.send"


@pytest.mark.usefixtures("beijing_time")
def test_the_untouched_sdk_sends_a_text_and_believes_the_answer(phone: Phone) -> None:
    phone.say("进度")
    client = sdk(phone.simulator.url)
    told = {"to_user_id": phone.openid, "msg_type": "text", "text": {"content": "您好：1/6 “制卡”"}}
    assert client.server_api(CUSTOM, told) == {"code": "10000", "msg": "Success"}
    last = phone.read()[-1]
    assert (last["text"], last["via"]) == ("您好：1/6 “制卡”", "custom")


@pytest.mark.usefixtures("beijing_time")
def test_the_untouched_sdk_in_utc_is_eight_hours_off(
    phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    with pytest.raises(AliPayException, match=r"isv\.invalid-timestamp"):
        sdk(phone.simulator.url).server_api(QUERY)


@pytest.mark.usefixtures("beijing_time")
def test_an_old_app_signs_with_sha_1_and_is_answered_so(phone: Phone) -> None:
    told = sdk(phone.simulator.url, sign_type="RSA").server_api(QUERY)
    assert told["sub_code"] == "MENU_NOT_EXIST"


def test_a_call_whose_content_is_in_the_body_is_answered_with_html_that_is_json(call: Call) -> None:
    answer = call()
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html;charset=utf-8"
    assert node(answer)["code"] == "40004"


def test_the_signature_is_over_the_node_as_it_stands(call: Call, phone: Phone) -> None:
    phone.say("进度")
    answer = call("alipay.user.certify.open.initialize", {})
    text = answer.content.decode()
    begin = text.index(":") + 1
    end = text.index(',"sign"')
    assert holds(text[begin:end].encode(), answer.json()["sign"].encode())


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"app_id": None}, "isv.missing-app-id"),
        ({"app_id": "2021000000000009"}, "isv.invalid-app-id"),
        ({"sign": ""}, "isv.missing-signature"),
        ({"sign": "AAAA"}, "isv.invalid-signature"),
        ({"sign": "no base64 at all"}, "isv.invalid-signature"),
        ({"sign_type": None}, "isv.missing-signature-type"),
        ({"sign_type": "MD5"}, "isv.invalid-signature-type"),
        ({"timestamp": None}, "isv.missing-timestamp"),
        ({"timestamp": "yesterday"}, "isv.invalid-timestamp"),
        ({"timestamp": "2026-01-01 00:00:00"}, "isv.invalid-timestamp"),
        ({"version": None}, "isv.missing-version"),
        ({"version": "2.0"}, "isv.invalid-version"),
        ({"format": "XML"}, "isv.invalid-format"),
        ({"method": None}, "isv.missing-method"),
    ],
)
def test_what_the_gateway_does_not_know_it_refuses_without_a_signature(
    call: Call, change: dict[str, Any], expected: str
) -> None:
    answer = call(**change)
    assert sub_code(answer) == expected
    assert "sign" not in answer.json()


def test_an_unknown_method_is_refused_with_a_signature(call: Call) -> None:
    answer = call("alipay.no.such.method")
    assert (sub_code(answer), "sign" in answer.json()) == ("isv.invalid-method", True)


def test_another_key_opens_nothing(call: Call) -> None:
    assert sub_code(call(sign_with=keys()[1])) == "isv.invalid-signature"


def test_content_that_is_no_json_is_refused(call: Call) -> None:
    assert sub_code(call(biz="{")) == "isv.illegal-json"


def test_a_call_in_gbk_is_read_and_answered_in_gbk(call: Call, phone: Phone) -> None:
    phone.say("进度")
    told = {"to_user_id": phone.openid, "msg_type": "text", "text": {"content": "制卡"}}
    assert node(call(CUSTOM, told, charset="GBK"))["code"] == "10000"
    assert phone.read()[-1]["text"] == "制卡"
    refused = call(charset="GBK")
    assert json.loads(refused.content.decode("gbk"))
    with pytest.raises(UnicodeDecodeError):
        refused.content.decode("utf-8")


def test_a_charset_that_stands_in_the_body_comes_too_late(
    simulator: RunningSimulator, clock: Clock
) -> None:
    params = {
        "app_id": APP_ID,
        "biz_content": '{"name":"制卡"}',
        "charset": "utf-8",
        "method": QUERY,
        "sign_type": "RSA2",
        "timestamp": beijing(clock),
        "version": "1.0",
    }
    text = "&".join(f"{k}={v}" for k, v in sorted(params.items()))
    params["sign"] = signed(text.encode(), keys()[0])
    answer = requests.post(f"{simulator.url}/alipay/gateway.do", params, timeout=5)
    assert sub_code(answer) == "isv.invalid-signature"


def test_content_is_taken_and_answered_encrypted(call: Call) -> None:
    key = config().aes_key
    assert encrypt(key, b"test1234567") == "ILpoMowjIQjfYMR847rnFQ=="  # the published vector
    sealed = encrypt(key, json.dumps({"button": [BUTTON]}, ensure_ascii=False).encode())
    answer = call("alipay.open.public.menu.create", sealed, encrypt_type="AES")
    text = answer.json()["alipay_open_public_menu_create_response"]
    assert json.loads(decrypt(key, text))["code"] == "10000"
    assert holds(f'"{text}"'.encode(), answer.json()["sign"].encode())


BUTTON = {"name": "查进度", "action_type": "out", "action_param": "progress"}


@pytest.mark.parametrize(
    ("error", "code", "sub"),
    [
        (20000, "20000", "isp.unknow-error"),
        (40005, "40005", "isv.app-call-limited"),
        ("40004 USER_TEMPLATE_ILLEGAL", "40004", "USER_TEMPLATE_ILLEGAL"),
    ],
)
def test_a_script_has_any_code_answered(
    call: Call, simulator: RunningSimulator, error: Any, code: str, sub: str
) -> None:
    faults(simulator, error=error, times=1)
    assert (node(call())["code"], sub_code(call())) == (code, "MENU_NOT_EXIST")
    faults(simulator, error=error, times=1)
    assert sub_code(call()) == sub


def test_a_fault_for_one_method_leaves_the_others_alone(
    call: Call, simulator: RunningSimulator
) -> None:
    faults(simulator, error=20000, calls=[CUSTOM])
    assert node(call())["code"] == "40004"
    assert node(call(CUSTOM, {}))["code"] == "20000"


def test_a_success_may_come_unsigned_or_under_a_wrong_signature(
    call: Call, simulator: RunningSimulator
) -> None:
    call("alipay.open.public.menu.create", {"button": [BUTTON]})
    faults(simulator, error="unsigned")
    bare = call().json()
    assert node(call())["code"] == "10000" and "sign" not in bare
    faults(simulator, error="wrong_sign")
    answer = call()
    text = answer.content.decode()
    assert not holds(
        text[text.index(":") + 1 : text.index(',"sign"')].encode(), answer.json()["sign"].encode()
    )


def test_an_error_may_come_in_gbk_although_utf_8_was_asked_for(
    call: Call, simulator: RunningSimulator
) -> None:
    faults(simulator, error="gbk")
    assert "系统繁忙" in call().content.decode("gbk")


def test_it_may_point_elsewhere_or_answer_with_pages(
    call: Call, simulator: RunningSimulator
) -> None:
    faults(simulator, error="redirect")
    assert call().status_code == 302
    faults(simulator, error="http_502")
    assert call().status_code == 502
    faults(simulator, error="html")
    assert call().text.startswith("<html>")


@pytest.mark.parametrize("error", ["no_such_word", "99999 X", "40004 two words", "dead"])
def test_a_fault_that_nobody_has_is_refused(simulator: RunningSimulator, error: str) -> None:
    answer = requests.put(
        f"{simulator.url}/simulator/api/faults", json={"alipay": {"error": error}}, timeout=5
    )
    assert answer.status_code == 400


def test_a_method_that_was_not_opened_and_a_quota_that_is_used_up(call: Call, phone: Phone) -> None:
    phone.change(without=[QUERY])
    assert sub_code(call()) == "isv.insufficient-isv-permissions"
    phone.change(per_minute={QUERY: 1})
    assert [node(call())["code"] for _ in range(2)] == ["40004", "40005"]
    phone.change(daily={QUERY: 0})
    assert sub_code(call()) == "isv.app-call-limited"


def test_an_error_of_the_token_call_stands_under_its_own_name_and_is_signed(call: Call) -> None:
    answer = call("alipay.system.oauth.token", grant_type="authorization_code", code="none")
    whole = answer.json()
    assert whole["error_response"]["sub_code"] == "isv.code-invalid"
    assert "sign" in whole


def faults(simulator: RunningSimulator, **fault: Any) -> None:
    answer = requests.put(
        f"{simulator.url}/simulator/api/faults", json={"alipay": fault}, timeout=5
    )
    assert answer.ok, answer.text
