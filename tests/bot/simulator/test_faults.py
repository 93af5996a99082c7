"""Offices and the platform's API fail as scripts ask, as often as they ask, and no more."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from bot.simulator.server import RunningSimulator
from tests.bot.simulator.account import JPEG, Account
from tests.bot.simulator.conftest import Phone
from tests.bot.simulator.office import ask

Run = Callable[..., RunningSimulator]
CHECK = "/offices/identity/v1/check"
CHEN = {"name": "陈国强", "id_number": "119999199003070019"}
SMS = {
    "phone": "13900001234",
    "template": "SMS_1",
    "params": {"code": "1", "minutes": "2"},
    "key": "k",
}


@pytest.fixture
def url(run: Run) -> str:
    return run().url


def put(url: str, faults: Any) -> int:
    return requests.put(f"{url}/simulator/api/faults", json=faults, timeout=5).status_code


def test_a_delay_is_kept_and_cleared(url: str) -> None:
    put(url, {"identity": {"delay_ms": 300}})
    started = time.monotonic()
    assert ask(url, CHECK, **CHEN).status_code == 200
    assert time.monotonic() - started >= 0.3
    put(url, {})
    assert requests.get(f"{url}/simulator/api/faults", timeout=5).json() == {}


def test_errors_are_had_so_many_times(url: str) -> None:
    put(url, {"identity": {"error": "http_500", "times": 2}})
    assert [ask(url, CHECK, **CHEN).status_code for _ in range(3)] == [500, 500, 200]


def test_a_refused_connection_breaks_without_an_answer(url: str) -> None:
    put(url, {"identity": {"error": "refuse"}})
    with pytest.raises(requests.ConnectionError):
        ask(url, CHECK, **CHEN)


def test_a_time_out_hangs_until_it_is_cleared(url: str) -> None:
    put(url, {"sms": {"error": "timeout", "times": 1}})
    threading.Timer(0.4, put, [url, {}]).start()
    started = time.monotonic()
    with pytest.raises(requests.ConnectionError):
        ask(url, "/offices/sms/v1/send", **SMS)
    assert time.monotonic() - started >= 0.4
    assert requests.get(f"{url}/simulator/api/sms/13900001234", timeout=5).json()["messages"] == []


def test_a_lost_answer_belongs_to_a_call_that_was_carried_out(url: str) -> None:
    put(url, {"sms": {"error": "lost"}})
    with pytest.raises(requests.ConnectionError):
        ask(url, "/offices/sms/v1/send", **SMS)
    messages = requests.get(f"{url}/simulator/api/sms/13900001234", timeout=5).json()["messages"]
    assert len(messages) == 1


def test_an_errcode_hits_the_platforms_calls_but_not_its_tokens(url: str) -> None:
    put(url, {"wechat": {"error": 45009}})
    send = requests.post(f"{url}/cgi-bin/message/custom/send?access_token=x", json={}, timeout=5)
    assert send.json()["errcode"] == 45009
    assert (
        "appid" in requests.get(f"{url}/cgi-bin/token?grant_type=client_credential", timeout=5).text
    )


def test_an_errcode_of_an_office_is_a_400(url: str) -> None:
    put(url, {"identity": {"error": 7}})
    answer = ask(url, CHECK, **CHEN)
    assert (answer.status_code, answer.json()) == (400, {"error": 7})


@pytest.mark.parametrize(
    "faults",
    [
        [],
        {"post_office": {}},
        {"sms": 5},
        {"sms": {"error": "explode"}},
        {"sms": {"delay_ms": -1}},
        {"sms": {"often": 1}},
    ],
)
def test_a_fault_that_nobody_knows_changes_nothing(url: str, faults: Any) -> None:
    put(url, {"sms": {"delay_ms": 1}})
    assert put(url, faults) == 400
    now = requests.get(f"{url}/simulator/api/faults", timeout=5).json()
    assert now == {"sms": {"delay_ms": 1, "error": None, "times": None}}


# --- of the platform alone --------------------------------------------------------------------

SEND, TEMPLATE = "message/custom/send", "message/template/send"


@pytest.fixture
def known(account: Account, phone: Phone) -> Account:
    """The account, one of whose users has written."""
    phone.say("你好")
    return account


def texts(phone: Phone) -> list[str]:
    return [m["text"] for m in phone.read() if m["via"] == "custom"]


def test_a_fault_of_named_calls_leaves_the_others_alone(known: Account, phone: Phone) -> None:
    put(known.url, {"wechat": {"calls": [TEMPLATE, "/cgi-bin/menu/get"], "error": 45011}})
    assert known.text(phone.openid) == 0
    assert known.get("menu/get")["errcode"] == 45011
    assert known.post(TEMPLATE, {})["errcode"] == 45011


def test_several_faults_at_once_and_each_so_many_times(known: Account, phone: Phone) -> None:
    one = {"calls": [TEMPLATE], "error": 43004, "times": 1}
    other = {"calls": [SEND], "error": 45015, "times": 2}
    put(known.url, {"wechat": [one, other]})
    assert [known.text(phone.openid) for _ in range(3)] == [45015, 45015, 0]
    left = requests.get(f"{known.url}/simulator/api/faults", timeout=5).json()
    assert left == {"wechat": {"delay_ms": 0, **one}}
    assert [known.post(TEMPLATE, {})["errcode"] for _ in range(2)] == [43004, 40003]
    assert requests.get(f"{known.url}/simulator/api/faults", timeout=5).json() == {}


def test_a_named_token_call_can_be_refused(known: Account) -> None:
    put(known.url, {"wechat": {"calls": ["stable_token"], "error": 40164}})
    assert known.stable()["errcode"] == 40164
    put(known.url, {"wechat": {"error": 45009}})
    assert "access_token" in known.stable()


@pytest.mark.parametrize(
    ("error", "status", "begins"),
    [("http_500", 500, b"<html>"), ("http_502", 502, b"<html>"), ("html", 200, b"<html>"),
     ("empty", 200, b"")],
)  # fmt: skip
def test_a_page_in_place_of_an_answer_belongs_to_a_call_not_carried_out(
    known: Account, phone: Phone, error: str, status: int, begins: bytes
) -> None:
    put(known.url, {"wechat": {"error": error, "times": 1}})
    body = f'{{"touser": "{phone.openid}", "msgtype": "text", "text": {{"content": "x"}}}}'
    address, token = known.address(SEND), {"access_token": known.token}
    answer = requests.post(address, body, params=token, timeout=5)
    assert (answer.status_code, answer.content[:6]) == (status, begins)
    assert answer.headers["Content-Type"].startswith("text/html")
    assert texts(phone) == []


def test_a_cut_answer_belongs_to_a_call_that_was_carried_out(known: Account, phone: Phone) -> None:
    put(known.url, {"wechat": {"error": "cut", "times": 1}})
    with pytest.raises(requests.JSONDecodeError):
        known.text(phone.openid, "x")
    assert texts(phone) == ["x"]
    picture = known.upload(JPEG)["media_id"]
    put(known.url, {"wechat": {"error": "cut", "calls": ["media/get"]}})
    params = {"access_token": known.token, "media_id": picture}
    got = requests.get(known.address("media/get"), params=params, timeout=5).content
    assert got == JPEG[: len(JPEG) // 2]


def test_a_lost_answer_of_the_platform_is_a_message_that_was_sent(
    known: Account, phone: Phone
) -> None:
    put(known.url, {"wechat": {"error": "lost", "calls": [SEND]}})
    with pytest.raises(requests.ConnectionError):
        known.text(phone.openid, "x")
    assert texts(phone) == ["x"]


def test_a_delay_of_one_call_is_had_by_it_alone(known: Account, phone: Phone) -> None:
    put(known.url, {"wechat": {"calls": [SEND], "delay_ms": 300}})
    started = time.monotonic()
    known.text(phone.openid)
    assert time.monotonic() - started >= 0.3


def test_tokens_die_at_once_and_the_next_ones_live(known: Account, phone: Phone) -> None:
    assert put(known.url, {"wechat": {"token": "dead"}}) == 200
    assert known.text(phone.openid) == 40001
    known.renew()
    assert known.text(phone.openid) == 0
    assert requests.get(f"{known.url}/simulator/api/faults", timeout=5).json() == {}


def test_the_two_accounts_fail_apart(known: Account, mini: Account, phone: Phone) -> None:
    put(known.url, {"wechat_mini": {"error": 45009}})
    assert known.text(phone.openid) == 0
    assert mini.post(SEND, {})["errcode"] == 45009
    put(known.url, {"wechat_mini": {"token": "dead"}})
    assert known.text(phone.openid) == 0
    assert mini.post(SEND, {})["errcode"] == 40001


@pytest.mark.parametrize(
    "faults",
    [
        {"sms": [{"delay_ms": 1}]},
        {"sms": {"calls": [SEND]}},
        {"sms": {"result": "success"}},
        {"sms": {"token": "dead"}},
        {"wechat": []},
        {"wechat": {"token": "ill"}},
        {"wechat": {"calls": SEND}},
        {"wechat": {"result": "failed"}},
        {"wechat": [{"token": "dead"}]},
    ],
)
def test_a_fault_that_the_platform_cannot_have_changes_nothing(
    known: Account, phone: Phone, faults: Any
) -> None:
    assert put(known.url, faults) == 400
    assert known.text(phone.openid) == 0
