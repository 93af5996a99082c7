"""The offices answer what the register says, and only to who signs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest
import requests

from bot.simulator.server import RunningSimulator
from tests.bot.simulator.office import ask, signed

Run = Callable[..., RunningSimulator]
CHECK = "/offices/identity/v1/check"
CHEN = {"name": "陈国强", "id_number": "119999199003070019"}


@pytest.fixture
def url(run: Run) -> str:
    return run().url


@pytest.mark.parametrize(
    ("name", "id_number", "result"),
    [
        ("陈国强", "119999199003070019", "match"),
        ("陈国", "119999199003070019", "mismatch"),
        ("田𠮷", "119999198305300073", "match"),
        ("买买提.吐尔逊", "119999198504220033", "mismatch"),
        ("陈国强", "119999199003070000", "not_found"),
    ],
)
def test_identity_compares_name_and_number(
    url: str, name: str, id_number: str, result: str
) -> None:
    assert ask(url, CHECK, name=name, id_number=id_number).json() == {"result": result}


def test_only_the_phone_on_file_is_on_file(url: str) -> None:
    path, number = "/offices/identity/v1/phone", CHEN["id_number"]
    assert ask(url, path, id_number=number, phone="13900001234").json() == {"on_file": True}
    assert ask(url, path, id_number=number, phone="13900001235").json() == {"on_file": False}
    assert ask(url, path, id_number="119999196906250121", phone="").json() == {"on_file": False}
    assert ask(url, path, id_number="1", phone="13900001234").json() == {"on_file": False}


def test_a_portrait_is_a_picture_or_none(url: str) -> None:
    path = "/offices/portraits/v1/portrait"
    found = ask(url, path, **CHEN)
    assert (found.headers["Content-Type"], found.content[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    missing = ask(url, path, name="买买提·吐尔逊", id_number="119999198504220033")
    assert (missing.status_code, missing.json()) == (404, {"error": "none"})
    assert ask(url, path, name="赵小云", id_number=CHEN["id_number"]).status_code == 404


def test_eligibility_is_told_of_the_right_person_only(url: str) -> None:
    path = "/offices/card_making/v1/eligibility"
    has_card = ask(url, path, name="李晓梅", id_number="119999199502140042").json()
    assert has_card == {"insured": True, "has_card": True, "open_application": False}
    other = ask(url, path, name="陈国强", id_number="119999199502140042").json()
    assert other == {"insured": False, "has_card": False, "open_application": False}


def test_one_key_sends_one_sms_and_the_code_can_be_read(url: str) -> None:
    sms = {
        "phone": "13900001234",
        "template": "SMS_1",
        "params": {"code": "482915", "minutes": "10"},
        "key": "k1",
    }
    ids = {ask(url, "/offices/sms/v1/send", **sms).json()["id"] for _ in range(3)}
    assert len(ids) == 1
    (message,) = requests.get(f"{url}/simulator/api/sms/13900001234", timeout=5).json()["messages"]
    assert message["code"] == "482915"
    assert message["text"] == "【云州人社】验证码482915，10分钟内有效。"
    assert requests.get(f"{url}/simulator/api/sms/13900009999", timeout=5).json() == {
        "messages": []
    }


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"template": "SMS_0"}, "template"),
        ({"params": {"code": "482915"}}, "params"),
        ({"params": {"code": "482915", "minutes": 10}}, "params"),
        ({"phone": "1390000123"}, "phone"),
        ({"key": ""}, "key"),
        ({"key": None}, "fields"),
    ],
)
def test_an_sms_that_is_not_registered_so_is_refused(
    url: str, change: dict[str, object], reason: str
) -> None:
    sms: dict[str, object] = {
        "phone": "13900001234",
        "template": "SMS_1",
        "params": {"code": "1", "minutes": "10"},
        "key": "k",
    }
    answer = ask(url, "/offices/sms/v1/send", **{**sms, **change})
    assert (answer.status_code, answer.json()) == (400, {"error": reason})


def test_what_is_not_signed_rightly_and_freshly_is_refused(url: str) -> None:
    body = json.dumps(CHEN).encode()
    right = signed(CHECK, body)

    def status(headers: dict[str, str], sent: bytes = body, path: str = CHECK) -> int:
        return requests.post(url + path, sent, headers=headers, timeout=5).status_code

    assert status(right) == 200
    assert status({}) == 401
    assert status(right, body + b" ") == 401
    assert status(right, path="/offices/card_making/v1/eligibility") == 401
    assert status(signed(CHECK, body, key="another")) == 401
    assert status(signed(CHECK, body, at=time.time() - 290)) == 200
    assert status(signed(CHECK, body, at=time.time() - 305)) == 401
    assert status(signed(CHECK, body, at=time.time() + 305)) == 401
    assert status(signed(CHECK, b"[]"), b"[]") == 400


def test_the_clients_of_the_service_are_understood(run: Run) -> None:
    from bot.offices.http import OfficeHttp
    from bot.offices.identity import HttpIdentityOffice
    from tests.bot.simulator.conftest import OFFICE_KEY

    http = OfficeHttp("identity", f"{run().url}/offices/identity", OFFICE_KEY)
    assert HttpIdentityOffice(http).matches("陈国强", CHEN["id_number"], 2) == "match"
    http.close()
