"""What the simulated Alipay pushes, checked with RSA and a form reader of the tests' own."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from flask import Response

from bot.simulator.alipay.aes import decrypt
from bot.simulator.server import RunningSimulator
from tests.bot.simulator.alipay.service import (
    AES_KEY,
    APP_ID,
    Pushed,
    Service,
    activation,
    bare_ack,
    holds,
    keys,
    one_line,
    signed_ack,
    wrapped,
)
from tests.bot.simulator.conftest import Clock, Phone


def post(phone: Phone, path: str, body: Any = None, **query: str) -> dict[str, Any]:
    answer = requests.post(f"{phone.api}/{path}", json=body or {}, params=query, timeout=20)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def test_who_is_new_follows_and_then_says_it(phone: Phone, service: Service) -> None:
    outcome = phone.say("进度")
    assert service.events == ["follow", "text"]
    assert outcome["attempts"] == 1
    leaves = service.pushes[1].leaves
    assert leaves["Content"] == "进度"
    assert leaves["AppId"] == APP_ID
    assert leaves["FromAlipayUserId"] == phone.openid
    assert leaves["MsgId"] == outcome["update_id"]
    assert len(leaves["CreateTime"]) == 13


@pytest.mark.parametrize("charset", ["GBK", "UTF-8"])
def test_sign_type_takes_part_in_what_is_signed(
    phone: Phone, service: Service, charset: str
) -> None:
    phone.change(charset=charset)
    phone.say("制卡 & 领卡+1%")
    push = service.pushes[-1]
    assert push.form["charset"] == charset.encode()
    assert push.content_type.endswith(f"charset={charset}")
    assert holds(push.covers("sign"), push.form["sign"])
    assert not holds(push.covers("sign", "sign_type"), push.form["sign"])
    assert push.leaves["Content"] == "制卡 & 领卡+1%"


def test_gbk_is_the_default_and_lacks_what_it_lacks(phone: Phone, service: Service) -> None:
    phone.say("好😀")
    assert "好".encode("gbk") in service.pushes[-1].form["biz_content"]
    assert service.pushes[-1].leaves["Content"] == "好?"


def test_an_old_app_gets_pushes_signed_with_sha_1(phone: Phone, service: Service) -> None:
    phone.change(sign_type="RSA")
    phone.say("进度")
    push = service.pushes[-1]
    assert push.form["sign_type"] == b"RSA"
    assert holds(push.covers("sign"), push.form["sign"], "RSA")


def test_a_text_may_hold_what_ends_cdata(phone: Phone, service: Service) -> None:
    phone.say("a]]>b<c>&d")
    assert service.pushes[-1].leaves["Content"] == "a]]>b<c>&d"


def test_a_code_brings_its_scene_when_following_and_entering(
    phone: Phone, service: Service
) -> None:
    phone.event("follow", key="apply")
    phone.event("enter", key="branch-CCB-01")
    phone.event("enter")
    params = [push.leaves["ActionParam"] for push in service.pushes]
    assert json.loads(params[0]) == {"scene": {"sceneId": "apply"}}
    assert json.loads(params[1])["scene"]["sceneId"] == "branch-CCB-01"
    assert params[2] == ""


def test_events_have_no_message_id(phone: Phone, service: Service) -> None:
    phone.event("follow")
    phone.event("click", key="progress")
    phone.event("unfollow")
    assert service.events == ["follow", "click", "unfollow"]
    assert service.pushes[1].leaves["ActionParam"] == "progress"
    assert all("MsgId" not in push.leaves for push in service.pushes)


def test_a_picture_comes_as_an_id_and_a_format(phone: Phone, service: Service) -> None:
    answer = requests.post(phone.url, files={"file": ("a.jpg", b"\xff\xd8\xff\xe0abc")}, timeout=5)
    assert answer.ok
    leaves = service.pushes[-1].leaves
    assert leaves["Format"] == "jpg"
    assert leaves["MediaId"] and leaves["MsgId"]


def test_what_the_platform_may_invent_is_sent_as_a_script_writes_it(
    phone: Phone, service: Service
) -> None:
    phone.send(type="voice", fields={"MediaId": "X"})
    assert service.pushes[-1].leaves["MsgType"] == "voice"
    assert service.pushes[-1].leaves["MediaId"] == "X"


@pytest.mark.parametrize(
    "message",
    [
        {"type": "text", "text": " "},
        {"type": "image"},
        {"type": "no word"},
        {"type": "event"},
        {"type": "subscription", "template": "NONE"},
        {"type": "text", "text": "x", "fields": {"no name": 1}},
        [],
    ],
)
def test_what_nobody_could_send_is_refused(phone: Phone, message: Any) -> None:
    assert requests.post(phone.url, json=message, timeout=5).status_code == 400


def test_people_are_named_by_the_ids_the_app_has(phone: Phone, service: Service) -> None:
    who = requests.get(f"{phone.api}/users/{phone.openid}", timeout=5).json()
    phone.change(ids="open_id")
    phone.say("进度")
    assert "FromAlipayUserId" not in service.pushes[-1].leaves
    assert service.pushes[-1].leaves["FromOpenId"] == who["open_id"]
    phone.change(ids="both")
    phone.say("进度")
    assert service.pushes[-1].leaves["FromAlipayUserId"] == phone.openid
    other = Phone(phone.simulator, who["open_id"], "alipay")
    assert other.read() == phone.read()


# --- acknowledgements ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ack", [signed_ack, bare_ack, lambda _: b"success", lambda _: b"SUCCESS\n"]
)
def test_three_forms_of_acknowledgement_are_taken(phone: Phone, service: Service, ack: Any) -> None:
    service.answer = ack
    assert phone.say("进度")["attempts"] == 1


def of_another_key(push: Pushed) -> bytes:
    return wrapped(bare_ack(push), key=keys()[1])


def of_another_app(push: Pushed) -> bytes:
    return wrapped(bare_ack(push).replace(APP_ID.encode(), b"2021000000000009"))


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: b"",
        lambda _: b"null",
        lambda _: b"<html><body>ok</body></html>",
        lambda _: b"fail",
        lambda _: Response(b"success", 500),
        lambda _: Response(b"success", 302),
        lambda push: bare_ack(push).replace(b"ack", b"text"),
        of_another_key,
        of_another_app,
    ],
)
def test_anything_else_is_none_and_the_same_bytes_come_again(
    phone: Phone, service: Service, answer: Any
) -> None:
    phone.event("follow")
    service.pushes.clear()
    service.answer = answer
    assert phone.say("进度")["attempts"] == 3
    assert len({push.body for push in service.pushes}) == 1
    assert len(service.pushes) == 3


def test_a_strict_platform_takes_the_signed_form_alone(phone: Phone, service: Service) -> None:
    phone.change(strict_ack=True)
    phone.event("follow")
    service.answer = bare_ack
    assert phone.say("进度")["attempts"] == 3
    service.answer = signed_ack
    assert phone.say("进度")["attempts"] == 1


# --- activation ----------------------------------------------------------------------------------


def test_the_gateway_is_turned_on_by_the_apps_public_key(phone: Phone, service: Service) -> None:
    service.answer = activation
    assert post(phone, "verify")["ok"]
    push = service.pushes[-1]
    assert push.form["service"] == b"alipay.service.check"
    assert push.leaves["EventType"] == "verifygw"
    assert holds(push.covers("sign"), push.form["sign"])


@pytest.mark.parametrize(
    "answer",
    [
        signed_ack,
        lambda _: b"success",
        lambda _: wrapped(b"<success>true</success><biz_content>AAAA</biz_content>"),
        lambda _: wrapped(
            f"<success>false</success><biz_content>{one_line()}</biz_content>".encode()
        ),
        lambda push: activation(push).replace(b"<sign>", b"<sign>A"),
    ],
)
def test_and_by_nothing_else(phone: Phone, service: Service, answer: Any) -> None:
    service.answer = answer
    assert not post(phone, "verify")["ok"]


def test_a_check_may_come_badly_signed(phone: Phone, service: Service) -> None:
    service.answer = activation
    post(phone, "verify", sign="bad")
    assert not holds(service.pushes[-1].covers("sign"), service.pushes[-1].form["sign"])


# --- From-Ant messages ---------------------------------------------------------------------------


@pytest.mark.parametrize(("rule", "left_out"), [("V1", ("sign", "sign_type")), ("V2", ("sign",))])
def test_who_takes_back_what_was_allowed_is_told_by_a_message_in_json(
    phone: Phone, service: Service, rule: str, left_out: tuple[str, ...]
) -> None:
    service.answer = lambda _: b"success"
    told = post(phone, "ant", {"msg_method": "alipay.test", "biz_content": {}, "rule": rule})
    assert told == {"taken": True, "attempts": 1, "answer": "success"}
    push = service.pushes[-1]
    assert holds(push.covers(*left_out), push.form["sign"])
    assert set(push.form) == {
        *("notify_id", "utc_timestamp", "msg_method", "app_id", "version"),
        *("biz_content", "sign", "sign_type", "charset"),
    }


def test_a_withdrawn_permission_names_the_person(phone: Phone, service: Service) -> None:
    service.answer = lambda _: b"success"
    assert post(phone, f"users/{phone.openid}/revoke")["taken"]
    form = service.pushes[-1].form
    assert form["msg_method"] == b"alipay.open.auth.userauth.cancelled"
    assert json.loads(form["biz_content"])["user_id"] == phone.openid


def test_what_the_platform_reports_may_be_sealed_or_of_the_older_family(
    phone: Phone, service: Service
) -> None:
    service.answer = lambda _: b"success"
    post(phone, "ant", {"msg_method": "alipay.test", "biz_content": {"a": "1"}, "sealed": True})
    sealed = service.pushes[-1].form["biz_content"].decode()
    assert json.loads(decrypt(AES_KEY, sealed)) == {"a": "1"}
    assert holds(service.pushes[-1].covers("sign", "sign_type"), service.pushes[-1].form["sign"])
    post(phone, "ant", {"notify_type": "servicemarket_order_notify", "rule": "V2"})
    push = service.pushes[-1]
    assert push.form["notify_type"] == b"servicemarket_order_notify"
    assert "msg_method" not in push.form and "notify_time" in push.form
    assert holds(push.covers("sign"), push.form["sign"])


def test_it_comes_eight_times_until_it_is_taken(phone: Phone, service: Service) -> None:
    service.answer = lambda _: b"success" if len(service.pushes) == 5 else b"fail"
    assert post(phone, f"users/{phone.openid}/revoke")["attempts"] == 5
    service.answer = lambda _: b"fail"
    service.pushes.clear()
    told = post(phone, f"users/{phone.openid}/revoke")
    assert (told["taken"], told["attempts"]) == (False, 8)
    assert len({push.form["notify_id"] for push in service.pushes}) == 1


def test_a_service_that_is_not_there_is_tried_and_given_up(
    simulator: RunningSimulator,
    phone: Phone,
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    platform = simulator._running.alipay[0]
    simulator.point_at("http://127.0.0.1:9")
    monkeypatch.setattr(platform, "_seconds", 0.1)
    assert phone.event("follow")["attempts"] == 3
    simulator.point_at(service.url)


def test_the_time_of_a_message_is_the_services_too(
    phone: Phone, service: Service, clock: Clock
) -> None:
    phone.say("进度")
    assert int(service.pushes[-1].leaves["CreateTime"]) // 1000 == int(clock().timestamp())
