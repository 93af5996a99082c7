"""A person at the platform's desk takes a chat over, and gives it back."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.bot.simulator.account import Account
from tests.bot.simulator.conftest import Clock, Phone
from tests.bot.simulator.patience import eventually
from tests.bot.simulator.webhook import Webhook

HEAD = (
    "<xml><ToUserName>{to}</ToUserName><FromUserName>{by}</FromUserName>"
    "<CreateTime>5</CreateTime><MsgType>transfer_customer_service</MsgType>"
)
DESK2 = "<TransInfo><KfAccount>desk2@gh_a1b2c3d4e5f6</KfAccount></TransInfo>"


def transfer(webhook: Webhook, more: str = "") -> None:
    """Answer texts by a transfer, events by success."""
    webhook.answer = lambda m: (
        (HEAD + more + "</xml>").format(to=m.source, by=m.target) if m.type == "text" else "success"
    )


def act(phone: Phone, **asked: Any) -> requests.Response:
    return requests.post(f"{phone.api}/users/{phone.openid}/desk", json=asked, timeout=5)


def staff(phone: Phone) -> str:
    url = f"{phone.api}/users/{phone.openid}/desk"
    return str(requests.get(url, timeout=5).json()["staff"])


def told(webhook: Webhook) -> list[dict[str, Any]]:
    """The desk's events that were pushed; one delivered again on a slow machine counts once."""
    data = [push._data for push in webhook.pushes]
    told = [one for one in data if str(one.get("Event", "")).startswith("kf_")]
    return list({one["Event"]: one for one in told}.values())


@pytest.mark.parametrize(("more", "who"), [("", "desk1"), (DESK2, "desk2")])
def test_a_transfer_opens_a_session(phone: Phone, webhook: Webhook, more: str, who: str) -> None:
    transfer(webhook, more)
    assert staff(phone) == ""
    phone.say("人工")
    assert staff(phone) == who
    (event,) = eventually(lambda: told(webhook))
    assert (event["Event"], event["KfAccount"]) == (
        "kf_create_session",
        f"{who}@gh_a1b2c3d4e5f6",
    )


def test_the_desk_speaks_switches_and_closes(phone: Phone, webhook: Webhook) -> None:
    phone.say("你好")
    assert act(phone, act="open").json() == {"staff": "desk1"}
    assert act(phone, act="say", text="您好，我是人工客服").json() == {"staff": "desk1"}
    assert act(phone, act="switch").json() == {"staff": "desk2"}
    assert act(phone, act="close").json() == {"staff": ""}
    said = [m for m in phone.read() if m["via"] == "desk"]
    assert [(m["from"], m["text"]) for m in said] == [("bot", "您好，我是人工客服")]
    assert [event["Event"] for event in told(webhook)] == [
        "kf_create_session",
        "kf_switch_session",
        "kf_close_session",
    ]
    assert told(webhook)[1]["ToKfAccount"] == "desk2@gh_a1b2c3d4e5f6"
    assert told(webhook)[2]["KfAccount"] == "desk2@gh_a1b2c3d4e5f6"


def test_what_a_person_writes_meanwhile_goes_on_to_the_webhook(
    phone: Phone, webhook: Webhook
) -> None:
    phone.say("你好")
    act(phone, act="open")
    phone.say("在吗")
    assert webhook.pushes[-1].content == "在吗"


def test_or_the_desk_keeps_it_to_itself(phone: Phone, webhook: Webhook) -> None:
    phone.change(desk_keeps=True)
    phone.say("你好")
    act(phone, act="open")
    outcome = phone.say("在吗")
    assert (outcome["attempts"], outcome["messages"]) == (0, [])
    phone.event("CLICK", key="k")
    act(phone, act="close")
    phone.say("办卡")
    pushed = [push.content for push in webhook.pushes if push.type == "text"]
    assert pushed == ["你好", "办卡"]
    assert [m["text"] for m in phone.read() if m["kind"] == "text"] == ["你好", "在吗", "办卡"]


def test_a_session_in_which_nothing_happens_is_over_after_half_an_hour(
    phone: Phone, clock: Clock
) -> None:
    phone.say("你好")
    act(phone, act="open")
    clock.forward(minutes=29)
    phone.say("在吗")
    clock.forward(minutes=29)
    assert staff(phone) == "desk1"
    clock.forward(minutes=2)
    assert staff(phone) == ""


@pytest.mark.parametrize(
    "asked",
    [{}, {"act": "dance"}, {"act": "close"}, {"act": "say", "text": "x"}, {"act": "switch"}],
)
def test_the_desk_does_nothing_in_a_chat_it_has_not(phone: Phone, asked: dict[str, Any]) -> None:
    assert act(phone, **asked).status_code == 400


def test_the_desk_does_not_say_nothing(phone: Phone) -> None:
    phone.say("你好")
    act(phone, act="open")
    assert act(phone, act="say", text=" ").status_code == 400
    assert act(phone, act="say", text=5).status_code == 400


def test_the_account_still_sends_by_api_meanwhile(account: Account, phone: Phone) -> None:
    phone.say("你好")
    act(phone, act="open")
    assert account.text(phone.openid) == 0
    feed = f"{account.url}/simulator/api/feed?openid={phone.openid}"
    assert requests.get(feed, timeout=5).json()["desk"] == "desk1"
