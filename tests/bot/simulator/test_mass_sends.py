"""群发: what is refused, who gets it, what is told of it."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.bot.simulator.account import Account
from tests.bot.simulator.conftest import Clock, Phone
from tests.bot.simulator.patience import eventually
from tests.bot.simulator.webhook import Webhook

SEND, GET, DELETE = "message/mass/send", "message/mass/get", "message/mass/delete"


@pytest.fixture
def people(phone: Phone) -> list[Phone]:
    """Three who follow."""
    three = [Phone(phone.simulator, f"o_mass_{n}") for n in range(3)]
    for one in three:
        one.event("subscribe")
    return three


def message(*people: Phone, text: str = "城西网点明日停机。", **more: Any) -> dict[str, Any]:
    to = [one.openid for one in people]
    return {"touser": to, "msgtype": "text", "text": {"content": text}, **more}


def got(phone: Phone) -> list[str]:
    return [said["text"] for said in phone.read() if said["via"] == "mass"]


def result(webhook: Webhook, number: int = 1) -> dict[str, Any]:
    """The result with this number, as it was pushed."""

    def look() -> list[Any]:
        events = [push._data for push in webhook.pushes]
        found = [each for each in events if each.get("Event") == "MASSSENDJOBFINISH"]
        return found if len(found) >= number else []

    return dict(eventually(look)[number - 1])


def counts(told: dict[str, Any]) -> tuple[str, list[int]]:
    names = ("TotalCount", "FilterCount", "SentCount", "ErrorCount")
    return told["Status"], [int(told[name]) for name in names]


def test_all_get_the_same_and_the_result_tells_numbers(
    account: Account, people: list[Phone], webhook: Webhook
) -> None:
    told = account.post(SEND, message(*people))
    assert (told["errcode"], told["msg_data_id"] > 0) == (0, True)
    assert [got(one) for one in people] == [["城西网点明日停机。"]] * 3
    event = result(webhook)
    assert counts(event) == ("send success", [3, 3, 3, 0])
    assert (event["MsgID"], event["FromUserName"]) == (str(told["msg_id"]), "mphelper")
    assert account.post(GET, {"msg_id": told["msg_id"]}) == {
        "msg_id": told["msg_id"],
        "msg_status": "SEND_SUCCESS",
    }


def test_the_same_key_sends_once_in_a_day_and_names_what_was_sent(
    account: Account, people: list[Phone], clock: Clock
) -> None:
    first = account.post(SEND, message(*people, clientmsgid="m1-1"))
    again = account.post(SEND, message(*people, clientmsgid="m1-1"))
    assert (again["errcode"], again["msg_id"]) == (45065, first["msg_id"])
    clock.forward(hours=24, seconds=1)
    account.renew()
    assert account.post(SEND, message(*people, clientmsgid="m1-1"))["errcode"] == 0
    assert [len(got(one)) for one in people] == [2, 2, 2]


def test_nobody_gets_more_than_four_in_a_month(
    account: Account, people: list[Phone], webhook: Webhook, clock: Clock
) -> None:
    for _ in range(4):
        assert account.post(SEND, message(*people[:2]))["errcode"] == 0
    assert account.post(SEND, message(*people))["errcode"] == 0
    assert [len(got(one)) for one in people] == [4, 4, 1]
    assert [3, 1, 1, 0] in [counts(result(webhook, number))[1] for number in range(1, 6)]
    clock.now = clock.now.replace(day=28)
    clock.forward(days=5)
    account.renew()
    assert account.post(SEND, message(*people))["errcode"] == 0
    assert [len(got(one)) for one in people] == [5, 5, 2]


def test_who_left_or_wants_none_gets_nothing(
    account: Account, people: list[Phone], webhook: Webhook
) -> None:
    people[0].event("unsubscribe")
    refusal = f"{people[1].api}/users/{people[1].openid}/refusal"
    assert requests.put(refusal, json={"errcode": 48002}, timeout=5).ok
    assert account.post(SEND, message(*people))["errcode"] == 0
    assert [len(got(one)) for one in people] == [0, 0, 1]
    assert counts(result(webhook)) == ("send success", [3, 2, 1, 1])


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"touser": ["o_mass_0"]}, 40130),
        ({"touser": ["o_mass_0", "o_mass_0"]}, 40130),
        ({"touser": [f"o{n}" for n in range(10_001)]}, 40130),
        ({"touser": "o_mass_0"}, 40003),
        ({"touser": ["nobody", "nowhere"]}, 40003),
        ({"msgtype": "mpnews"}, 40008),
        ({"text": {"content": ""}}, 44004),
        ({"text": {"content": "长" * 683}}, 45002),
        ({"clientmsgid": "k" * 65}, 45067),
        ({"clientmsgid": 5}, 47001),
    ],
)
def test_what_is_wrong_reaches_nobody(
    account: Account, people: list[Phone], change: dict[str, Any], errcode: int
) -> None:
    assert account.post(SEND, {**message(*people), **change})["errcode"] == errcode
    assert [got(one) for one in people] == [[], [], []]


def test_a_mass_send_that_fails_after_it_was_taken_says_so(
    account: Account, people: list[Phone], webhook: Webhook
) -> None:
    fault = {"wechat": {"calls": [SEND], "result": "failed: system failed"}}
    assert requests.put(f"{account.url}/simulator/api/faults", json=fault, timeout=5).ok
    told = account.post(SEND, message(*people))
    assert counts(result(webhook)) == ("send fail", [3, 3, 0, 3])
    assert account.post(GET, {"msg_id": str(told["msg_id"])})["msg_status"] == "SEND_FAIL"
    assert got(people[0]) == []


def test_a_text_is_not_taken_back(account: Account, people: list[Phone]) -> None:
    told = account.post(SEND, message(*people))
    assert account.post(DELETE, {"msg_id": told["msg_id"]})["errcode"] == 40059
    assert account.post(GET, {"msg_id": 5})["errcode"] == 40059
    assert account.post(GET, {})["errcode"] == 40059
    assert len(got(people[0])) == 1


def test_it_is_a_right_of_its_own_and_the_mini_program_has_none(
    account: Account, mini: Account, phone: Phone, people: list[Phone]
) -> None:
    assert mini.post(SEND, message(*people))["errcode"] == 48001
    phone.change(without=["mass"])
    assert account.post(SEND, message(*people))["errcode"] == 48001
    phone.change(daily={SEND: 1})
    assert account.post(SEND, message(*people))["errcode"] == 0
    assert account.post(SEND, message(*people))["errcode"] == 45009
