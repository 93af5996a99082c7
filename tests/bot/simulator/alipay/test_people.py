"""Logging in, phone numbers, papers and pictures, as the mini program and the life account get
them."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.bot.simulator.alipay.conftest import Call, node, sub_code
from tests.bot.simulator.alipay.service import AES_KEY, Service, holds, sdk
from tests.bot.simulator.conftest import Clock, Phone

TOKEN = "alipay.system.oauth.token"
SHARE = "alipay.user.info.share"
DOWNLOAD = "alipay.mobile.public.multimedia.download"
SUCCESSOR = "alipay.open.public.multimedia.download.proxy"
CERTIFY = "alipay.user.certify.open"


def ask(who: Phone, what: str, **body: Any) -> dict[str, Any]:
    answer = requests.post(f"{who.api}/users/{who.openid}/{what}", json=body, timeout=5)
    assert answer.ok, answer.text
    told: dict[str, Any] = answer.json()
    return told


def granted(call: Call, phone: Phone, scope: str = "auth_base") -> dict[str, Any]:
    code = ask(phone, "auth_code", scope=scope)["code"]
    return node(call(TOKEN, grant_type="authorization_code", code=code))


@pytest.mark.usefixtures("beijing_time")
def test_the_untouched_sdk_learns_whose_code_it_is(phone: Phone) -> None:
    told = sdk(phone.simulator.url).server_api(
        TOKEN, grant_type="authorization_code", code=ask(phone, "auth_code")["code"]
    )
    assert told["user_id"] == phone.openid
    assert "code" not in told


def test_a_code_is_good_once(call: Call, phone: Phone) -> None:
    code = ask(phone, "auth_code")["code"]
    assert "user_id" in node(call(TOKEN, grant_type="authorization_code", code=code))
    assert sub_code(call(TOKEN, grant_type="authorization_code", code=code)) == "isv.code-invalid"


def test_a_code_dies_within_a_day(call: Call, phone: Phone, clock: Clock) -> None:
    code = ask(phone, "auth_code")["code"]
    clock.forward(hours=25)
    assert sub_code(call(TOKEN, grant_type="authorization_code", code=code)) == "isv.code-invalid"


def test_a_grant_is_renewed_once(call: Call, phone: Phone) -> None:
    old = granted(call, phone)["refresh_token"]
    new = node(call(TOKEN, grant_type="refresh_token", refresh_token=old))
    assert new["user_id"] == phone.openid
    again = call(TOKEN, grant_type="refresh_token", refresh_token=old)
    assert sub_code(again) == "isv.refresh-token-invalid"
    assert sub_code(call(TOKEN, grant_type="password")) == "isv.grant-type-invalid"


def test_an_app_of_open_ids_is_told_no_user_id(call: Call, phone: Phone) -> None:
    phone.change(ids="open_id")
    told = granted(call, phone)
    assert "user_id" not in told and told["open_id"] != phone.openid


def test_what_a_person_shares_depends_on_what_was_asked(call: Call, phone: Phone) -> None:
    base = granted(call, phone)["access_token"]
    assert sub_code(call(SHARE, auth_token=base)) == "isv.insufficient-user-permissions"
    token = granted(call, phone, "auth_user")["access_token"]
    assert node(call(SHARE, auth_token=token))["user_id"] == phone.openid
    assert sub_code(call(SHARE, auth_token="none")) == "aop.invalid-auth-token"


def test_papers_are_told_to_who_was_approved_for_them(call: Call, phone: Phone) -> None:
    identity = {"name": "陈国强", "number": "119999199003070019"}
    requests.put(f"{phone.api}/users/{phone.openid}/identity", json=identity, timeout=5)
    token = granted(call, phone, "auth_user")["access_token"]
    assert "cert_no" not in node(call(SHARE, auth_token=token))
    phone.change(tells_identity=True)
    assert node(call(SHARE, auth_token=token))["cert_no"] == identity["number"]


def test_an_access_token_is_good_for_an_hour_and_until_it_is_taken_back(
    call: Call, phone: Phone, service: Service, clock: Clock
) -> None:
    token = granted(call, phone, "auth_user")["access_token"]
    clock.forward(hours=2)
    assert sub_code(call(SHARE, auth_token=token)) == "aop.auth-token-time-out"
    fresh = granted(call, phone, "auth_user")["access_token"]
    service.answer = lambda _: b"success"
    ask(phone, "revoke")
    assert sub_code(call(SHARE, auth_token=fresh)) == "aop.invalid-auth-token"


def test_a_phone_number_comes_sealed_and_signed(phone: Phone) -> None:
    told = ask(phone, "phone", phone="13900001234")
    assert holds(f'"{told["response"]}"'.encode(), told["sign"].encode())
    cipher = Cipher(algorithms.AES(AES_KEY), modes.CBC(bytes(16))).decryptor()
    opened = cipher.update(base64.b64decode(told["response"])) + cipher.finalize()
    assert json.loads(opened[: -opened[-1]])["mobile"] == "13900001234"


def test_a_picture_is_given_out_as_it_was_sent(call: Call, phone: Phone, service: Service) -> None:
    body = b"\x89PNG\r\n\x1a\nabc"
    requests.post(phone.url, files={"file": ("a.png", body)}, timeout=5)
    media = {"mediaId": service.pushes[-1].leaves["MediaId"]}
    answer = call(DOWNLOAD, media, path="chat/multimedia.do")
    assert answer.content == body
    assert answer.headers["Content-Type"] == "image/png"
    none = call(DOWNLOAD, {"mediaId": "none"}, path="chat/multimedia.do")
    assert sub_code(none) == "INVALID_MEDIA_ID"
    assert sub_code(call(DOWNLOAD, media)) == "isv.invalid-method"
    successor = {"media_id": media["mediaId"]}
    assert call(SUCCESSOR, successor, path="chat/multimedia.do").content == body


# --- certify -------------------------------------------------------------------------------------


def begun(order: str, **change: Any) -> dict[str, Any]:
    return {
        "outer_order_no": order,
        "biz_code": "FACE",
        "identity_param": {
            "identity_type": "CERT_INFO",
            "cert_type": "IDENTITY_CARD",
            "cert_name": "陈国强",
            "cert_no": "119999199003070019",
        },
        "merchant_config": {"return_url": "https://example.org/back"},
        **change,
    }


@pytest.mark.usefixtures("beijing_time")
def test_a_check_is_begun_passed_on_its_page_and_asked_for(call: Call, phone: Phone) -> None:
    id = node(call(f"{CERTIFY}.initialize", begun(phone.openid)))["certify_id"]
    assert node(call(f"{CERTIFY}.query", {"certify_id": id}))["passed"] == "F"
    address = sdk(phone.simulator.url).client_api(f"{CERTIFY}.certify", {"certify_id": id})
    page = requests.get(f"{phone.simulator.url}/alipay/gateway.do?{address}", timeout=5)
    assert page.url.endswith(f"/alipay/certify/{id}")
    assert "通过" in page.text
    done = requests.post(page.url, {"passed": "T"}, timeout=5)
    assert "https://example.org/back" in done.text
    told = node(call(f"{CERTIFY}.query", {"certify_id": id}))
    assert told["passed"] == "T"
    assert json.loads(told["identity_info"])["cert_no"] == "119999199003070019"


def test_what_was_decided_stays(call: Call, phone: Phone) -> None:
    id = node(call(f"{CERTIFY}.initialize", begun(phone.openid)))["certify_id"]
    page = f"{phone.simulator.url}/alipay/certify/{id}"
    for passed in ("F", "T"):
        requests.post(page, {"passed": passed}, timeout=5)
    told = node(call(f"{CERTIFY}.query", {"certify_id": id}))
    assert (told["passed"], told["fail_reason"]) == ("F", "人脸比对未通过")


def test_a_check_ends_with_the_day_and_its_number_is_used_once(
    call: Call, phone: Phone, clock: Clock
) -> None:
    id = node(call(f"{CERTIFY}.initialize", begun(phone.openid)))["certify_id"]
    assert sub_code(call(f"{CERTIFY}.initialize", begun(phone.openid))) == "isv.invalid-parameter"
    clock.forward(hours=25)
    assert sub_code(call(f"{CERTIFY}.query", {"certify_id": id})) == "CERTIFY_ID_EXPIRED"
    page = requests.get(f"{phone.simulator.url}/alipay/certify/{id}", timeout=5)
    assert (page.status_code, page.text) == (404, "认证已过期")


@pytest.mark.parametrize(
    "change",
    [
        {"biz_code": "EYES"},
        {"outer_order_no": "x" * 33},
        {"identity_param": {"identity_type": "CERT_INFO"}},
        {"merchant_config": {}},
        {"face_contrast_picture": "no base64!"},
        {"face_contrast_picture": base64.b64encode(b"x" * (1024 * 1024 + 1)).decode()},
    ],
)
def test_a_check_needs_what_it_needs(call: Call, phone: Phone, change: dict[str, Any]) -> None:
    answer = call(f"{CERTIFY}.initialize", begun(phone.openid, **change))
    assert sub_code(answer).startswith("isv.")
