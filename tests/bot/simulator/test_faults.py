"""Offices and the platform's API fail as scripts ask, as often as they ask, and no more."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from bot.simulator.server import RunningSimulator
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
