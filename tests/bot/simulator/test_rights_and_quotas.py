"""What an account may not do, and how often it may do the rest."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests

from tests.bot.simulator.account import Account
from tests.bot.simulator.conftest import Clock, Phone
from tests.bot.simulator.patience import eventually
from tests.bot.simulator.webhook import APP_ID, Webhook

RIGHTS = {
    "custom": ["message/custom/send", "message/custom/typing"],
    "template": ["message/template/send"],
    "subscription": ["message/subscribe/bizsend"],
    "menu": ["menu/create"],
}
CALLS = [call for calls in RIGHTS.values() for call in calls]
TRANSFER = (
    "<xml><ToUserName>{to}</ToUserName><FromUserName>{by}</FromUserName>"
    "<CreateTime>5</CreateTime><MsgType>transfer_customer_service</MsgType></xml>"
)


def tomorrow(clock: Clock, **time: int) -> None:
    """The next day at this time (UTC): tokens of before are older than any new one."""
    clock.now = (clock.now + timedelta(days=1)).replace(**time)  # type: ignore[arg-type]


def errcode(account: Account, call: str) -> int:
    return int(account.post(call, {"touser": "nobody", "button": []})["errcode"])


def test_an_account_that_is_not_verified_may_do_none_of_these(
    account: Account, phone: Phone
) -> None:
    phone.change(verified=False)
    assert {errcode(account, call) for call in CALLS} == {48001}
    for call in ("template/get_all_private_template", "menu/get", "menu/delete"):
        assert account.get(call)["errcode"] == 48001
    assert account.get("wxaapi/newtmpl/gettemplate")["errcode"] == 48001
    assert account.get("ticket/getticket", type="jsapi")["errcode"] == "0"
    phone.change()
    assert 48001 not in {errcode(account, call) for call in CALLS}


@pytest.mark.parametrize("right", RIGHTS)
def test_each_right_can_be_lost_alone(account: Account, phone: Phone, right: str) -> None:
    phone.change(without=[right])
    refused = {call for call in CALLS if errcode(account, call) == 48001}
    assert refused == set(RIGHTS[right])


def test_the_ticket_is_a_right_as_well(account: Account, phone: Phone) -> None:
    phone.change(without=["ticket"])
    assert account.get("ticket/getticket", type="jsapi")["errcode"] == "48001"


def test_a_menu_of_options_is_a_right_of_its_own(account: Account, phone: Phone) -> None:
    phone.say("你好")
    phone.change(without=["msgmenu"])
    menu = {"list": [{"id": "a", "content": "满意"}]}
    assert account.send(phone.openid, msgmenu=menu) == 40200
    assert account.text(phone.openid) == 0


def test_without_the_right_nobody_is_told_where_people_are(phone: Phone, webhook: Webhook) -> None:
    phone.event("LOCATION", lat=32.05, lng=123.12)
    before = len(webhook.pushes)
    phone.change(verified=False)
    event = {"type": "event", "event": "LOCATION", "lat": 32.05, "lng": 123.12}
    assert requests.post(phone.url, json=event, timeout=5).status_code == 400
    assert len(webhook.pushes) == before


def test_without_a_desk_a_transfer_leads_nowhere(phone: Phone, webhook: Webhook) -> None:
    phone.change(without=["desk"])
    webhook.answer = lambda m: TRANSFER.format(to=m.source, by=m.target)
    assert phone.say("人工")["messages"] == []
    assert requests.get(f"{phone.api}/pushes", timeout=5).json() == {"pushes": []}


def test_a_day_has_so_many_calls_and_ends_at_midnight_in_beijing(
    account: Account, phone: Phone, clock: Clock
) -> None:
    phone.change(daily={"message/custom/send": 2})
    tomorrow(clock, hour=15, minute=59, second=50)  # 23:59:50 there
    account.renew()
    phone.say("你好")
    assert [account.text(phone.openid) for _ in range(3)] == [0, 0, 45009]
    assert account.post("message/custom/typing", {"touser": "x", "command": "x"})["errcode"]
    clock.forward(seconds=10)
    account.renew()
    assert account.text(phone.openid) == 0


def test_a_minute_has_so_many_calls(account: Account, phone: Phone, clock: Clock) -> None:
    clock.now = clock.now.replace(second=0)
    phone.change(per_minute={"message/custom/send": 1})
    phone.say("你好")
    assert [account.text(phone.openid) for _ in range(2)] == [0, 45011]
    clock.forward(minutes=1)
    assert account.text(phone.openid) == 0


def test_a_token_is_forced_twenty_times_a_day_and_no_more(account: Account, clock: Clock) -> None:
    tomorrow(clock, hour=16, minute=0)  # midnight there: the day is long enough
    account.renew()
    for _ in range(20):
        clock.forward(seconds=31)
        assert "access_token" in account.stable(force_refresh=True)
    clock.forward(seconds=31)
    assert account.stable(force_refresh=True)["errcode"] == 45009
    assert "access_token" in account.stable()


def test_tokens_have_quotas_of_their_own(account: Account, phone: Phone) -> None:
    phone.change(daily={"token": 1}, per_minute={"stable_token": 1})
    assert "access_token" in account.fetch()
    assert account.fetch()["errcode"] == 45009
    assert account.fetch(secret="x")["errcode"] == 40125
    assert account.stable()["errcode"] == 45011  # the fixture's own was the first


def test_the_days_counts_are_cleared_ten_times_a_month(account: Account, phone: Phone) -> None:
    phone.change(daily={"menu/get": 1})
    for _ in range(10):
        assert account.get("menu/get")["errcode"] == 46003
        assert account.get("menu/get")["errcode"] == 45009
        assert account.post("clear_quota", {"appid": APP_ID})["errcode"] == 0
    assert account.post("clear_quota", {"appid": APP_ID})["errcode"] == 48006
    assert account.post("clear_quota", {"appid": "wx"})["errcode"] == 40013


def test_allowances_can_be_set(account: Account, phone: Phone, clock: Clock) -> None:
    phone.change(allowance={"message": [1, 60], "event": [2, 30]})
    phone.event("subscribe")
    assert [account.text(phone.openid) for _ in range(3)] == [0, 0, 45047]
    phone.say("你好")
    clock.forward(seconds=31)
    assert [account.text(phone.openid) for _ in range(2)] == [0, 45047]
    clock.forward(seconds=30)
    assert account.text(phone.openid) == 45015


@pytest.mark.parametrize(
    "state",
    [
        [],
        {"verifed": True},
        {"verified": "yes"},
        {"without": "custom"},
        {"without": ["dancing"]},
        {"daily": {"message/custom/send": -1}},
        {"daily": {"message/dance": 1}},
        {"per_minute": []},
        {"allowance": {"nod": [1, 1]}},
        {"allowance": {"event": [1]}},
        {"desk_keeps": 1},
    ],
)
def test_a_state_that_no_account_has_changes_nothing(phone: Phone, state: Any) -> None:
    phone.change(verified=False, daily={"menu/get": 3})
    answer = requests.put(f"{phone.api}/account", json=state, timeout=5)
    assert answer.status_code == 400
    now = requests.get(f"{phone.api}/account", timeout=5).json()
    assert (now["verified"], now["daily"]["menu/get"]) == (False, 3)


@pytest.mark.parametrize("errcode", [43004, 43005, 43019, 43101, 46004, 48002])
def test_one_person_may_be_out_of_reach(account: Account, phone: Phone, errcode: int) -> None:
    other = Phone(phone.simulator, "o_test_user_2")
    phone.say("你好")
    other.say("你好")
    url = f"{phone.api}/users/{phone.openid}/refusal"
    assert requests.put(url, json={"errcode": errcode}, timeout=5).status_code == 200
    message = {"touser": phone.openid, "template_id": "T-PROGRESS"}
    assert account.text(phone.openid) == errcode
    assert account.post("message/template/send", message)["errcode"] == errcode
    assert account.post("message/subscribe/bizsend", message)["errcode"] == errcode
    assert account.text(other.openid) == 0
    assert requests.put(url, json={"errcode": 45009}, timeout=5).status_code == 400
    requests.put(url, json={"errcode": None}, timeout=5)
    assert account.text(phone.openid) == 0


def test_the_addresses_of_the_platform_are_told(account: Account) -> None:
    assert account.get("getcallbackip")["ip_list"] == ["127.0.0.1"]
    assert account.get("get_api_domain_ip")["ip_list"] == ["127.0.0.1"]
    account.token = "made-up"
    assert account.get("getcallbackip")["errcode"] == 40001


def test_a_transfer_is_told_to_the_webhook(phone: Phone, webhook: Webhook) -> None:
    webhook.answer = lambda m: TRANSFER.format(to=m.source, by=m.target)
    assert [m["kind"] for m in phone.say("人工")["messages"]] == ["transfer"]
    told = eventually(lambda: requests.get(f"{phone.api}/pushes", timeout=5).json()["pushes"])
    assert told[0]["event"] == "kf_create_session"
