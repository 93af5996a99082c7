"""A mini program at Alipay that is an app of its own, beside the app of the life account."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from bot.simulator.server import RunningSimulator
from tests.bot.simulator.alipay.service import (
    APP_ID,
    MINI_APP_ID,
    Service,
    beijing,
    config,
    keys,
    mini_key,
    serving,
    signed,
)
from tests.bot.simulator.conftest import Clock, Phone

ME = "2088000000000042"
TOKEN = "alipay.system.oauth.token"
MINI = "alipay.open.app.mini.templatemessage.send"


@pytest.fixture
def service() -> Iterator[Service]:
    with serving(Service(answer=lambda _: b"success")) as service:
        yield service


@pytest.fixture
def simulator(run: Callable[..., RunningSimulator], service: Service) -> RunningSimulator:
    program = config(app_id=MINI_APP_ID, app_key=mini_key().public_key(), name="alipay_mini")
    return run(webhook=service.url, alipay=config(), alipay_mini=program)


@pytest.fixture
def life(simulator: RunningSimulator) -> Phone:
    return Phone(simulator, ME, "alipay")


@pytest.fixture
def program(simulator: RunningSimulator) -> Phone:
    return Phone(simulator, ME, "alipay_mini")


def called(phone: Phone, clock: Clock, app_id: str, method: str, **more: str) -> dict[str, Any]:
    params = {"app_id": app_id, "method": method, "charset": "utf-8", "sign_type": "RSA2"}
    params |= {"timestamp": beijing(clock), "version": "1.0", **more}
    text = "&".join(f"{name}={value}" for name, value in sorted(params.items()))
    key = mini_key() if app_id == MINI_APP_ID else keys()[0]
    params["sign"] = signed(text.encode(), key)
    answer = requests.get(f"{phone.simulator.url}/alipay/gateway.do", params, timeout=5)
    found: dict[str, Any] = next(v for k, v in answer.json().items() if k.endswith("_response"))
    return found


def code(phone: Phone) -> str:
    answer = requests.post(f"{phone.api}/users/{ME}/auth_code", json={}, timeout=5)
    return str(answer.json()["code"])


def granted(phone: Phone, clock: Clock, app_id: str, given: str) -> dict[str, Any]:
    return called(phone, clock, app_id, TOKEN, grant_type="authorization_code", code=given)


def test_each_app_is_known_by_its_own_key(program: Phone, clock: Clock) -> None:
    assert granted(program, clock, MINI_APP_ID, code(program))["user_id"] == ME
    assert called(program, clock, APP_ID, "alipay.no.such")["sub_code"] == "isv.invalid-method"


def test_a_code_of_one_app_is_none_of_the_other(life: Phone, program: Phone, clock: Clock) -> None:
    assert granted(life, clock, APP_ID, code(program))["sub_code"] == "isv.code-invalid"


def test_a_person_has_one_user_id_and_an_open_id_for_each_app(life: Phone, program: Phone) -> None:
    ids = [requests.get(f"{p.api}/users/{ME}", timeout=5).json() for p in (life, program)]
    assert ids[0]["user_id"] == ids[1]["user_id"] == ME
    assert ids[0]["open_id"] != ids[1]["open_id"]


def test_a_subscription_is_to_the_app_that_asked(life: Phone, program: Phone, clock: Clock) -> None:
    program.send(type="subscription", template="MINI-PROGRESS", accept=True)
    life.event("follow")
    data = {"keyword1": {"value": "YZ0731"}, "keyword2": {"value": "done"}}
    biz = {"to_user_id": ME, "user_template_id": "MINI-PROGRESS", "page": "p"}
    told = json.dumps({**biz, "data": json.dumps(data)})
    answers = [called(life, clock, app, MINI, biz_content=told) for app in (APP_ID, MINI_APP_ID)]
    assert [answer["code"] for answer in answers] == ["40004", "10000"]
    assert program.read()[-1]["via"] == "subscription"
    assert life.read()[-1]["from"] == "user"


def test_a_mini_program_has_no_chat(program: Phone) -> None:
    for message in ({"type": "text", "text": "x"}, {"type": "event", "event": "follow"}):
        assert requests.post(program.url, json=message, timeout=5).status_code == 400
    files = {"file": ("a.jpg", b"x")}
    assert requests.post(program.url, files=files, timeout=5).status_code == 400


def test_what_was_allowed_is_taken_back_from_one_app(program: Phone, service: Service) -> None:
    answer = requests.post(f"{program.api}/users/{ME}/revoke", json={}, timeout=5).json()
    assert answer["taken"]
    assert service.pushes[-1].form["app_id"] == MINI_APP_ID.encode()
