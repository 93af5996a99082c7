"""Template and subscription messages: what is refused, what arrives, what is reported later."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from bot.simulator.server import RunningSimulator
from tests.bot.simulator.account import Account
from tests.bot.simulator.conftest import FIELDS, Clock, Phone
from tests.bot.simulator.patience import eventually
from tests.bot.simulator.webhook import MINI_APP_ID, Webhook

Run = Callable[..., RunningSimulator]
VALUES = {"character_string1": "YZ2611250423", "thing2": "已上报省里", "phrase3": "制卡中"}
DATA = {key: {"value": value} for key, value in VALUES.items()}
TEMPLATE, BIZSEND = "message/template/send", "message/subscribe/bizsend"


def filled(phone: Phone, template: str = "T-PROGRESS", **more: Any) -> dict[str, Any]:
    return {"touser": phone.openid, "template_id": template, "data": DATA, **more}


def results(phone: Phone, webhook: Webhook, event: str) -> list[Any]:
    """The results that were pushed so far, once the first is there."""

    def look() -> list[Any]:
        return [push for push in webhook.pushes if push._data.get("Event") == event]

    pushed = eventually(look)
    told = eventually(lambda: requests.get(f"{phone.api}/pushes", timeout=5).json()["pushes"])
    assert told[-1]["answer"] == "success"
    return pushed


@pytest.fixture(autouse=True)
def known(phone: Phone) -> Iterator[None]:
    """The person follows and has written."""
    phone.say("你好")
    yield


def test_a_template_message_is_shown_and_its_result_is_pushed_with_its_id(
    account: Account, phone: Phone, webhook: Webhook
) -> None:
    told = account.post(TEMPLATE, filled(phone, url="https://a.example/p"))
    assert (told["errcode"], told["errmsg"]) == (0, "ok")
    assert told["msgid"] > 2**53
    shown = phone.read()[-1]
    assert (shown["via"], shown["kind"]) == ("template", "text")
    assert shown["text"] == (
        "社保卡办理进度通知\n受理编号：YZ2611250423\n进度：已上报省里\n状态：制卡中"
    )
    assert shown["card"] == {
        "title": "社保卡办理进度通知",
        "fields": [{"label": label, "value": VALUES[key]} for key, label in FIELDS],
        "url": "https://a.example/p",
    }
    push, *_ = results(phone, webhook, "TEMPLATESENDJOBFINISH")
    assert (push._data["MsgID"], push._data["Status"], push.source) == (
        str(told["msgid"]),
        "success",
        phone.openid,
    )


@pytest.mark.parametrize(
    "result", ["failed:user block", "failed: system failed", "failed:freq limit"]
)
def test_a_template_message_can_fail_after_it_was_accepted(
    account: Account, phone: Phone, webhook: Webhook, result: str
) -> None:
    fault = {"wechat": {"calls": [TEMPLATE], "result": result, "times": 1}}
    requests.put(f"{account.url}/simulator/api/faults", json=fault, timeout=5)
    assert account.post(TEMPLATE, filled(phone))["errcode"] == 0
    push, *_ = results(phone, webhook, "TEMPLATESENDJOBFINISH")
    assert push._data["Status"] == result
    assert phone.read()[-1]["via"] != "template"
    account.post(TEMPLATE, filled(phone))
    assert phone.read()[-1]["via"] == "template"


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"touser": "nobody"}, 40003),
        ({"touser": 5}, 40003),
        ({"template_id": "T-OTHER"}, 40037),
        ({"template_id": "S-PROGRESS"}, 40037),
        ({"template_id": None}, 40037),
        ({"data": None}, 47003),
        ({"data": {}}, 47003),
        ({"url": "u" * 1025}, 41030),
        ({"client_msg_id": 5}, 47001),
        ({"miniprogram": {"appid": "wx-another"}}, 40013),
    ],
)
def test_a_template_message_that_is_wrong_is_refused(
    account: Account, phone: Phone, change: dict[str, Any], errcode: int
) -> None:
    before = phone.read()
    assert account.post(TEMPLATE, {**filled(phone), **change})["errcode"] == errcode
    assert phone.read() == before


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("一二三四五六七八九十一二三四五六七八九十一", "data.thing2.value invalid"),
        ("两行\n字", "data.thing2.value invalid"),
        ("", "data.thing2.value is empty"),
        (5, "data.thing2.value is empty"),
    ],
)
def test_a_value_that_does_not_fit_is_named(
    account: Account, phone: Phone, value: Any, words: str
) -> None:
    told = account.post(TEMPLATE, filled(phone, data={**DATA, "thing2": {"value": value}}))
    assert told["errcode"] == 47003
    assert words in told["errmsg"]
    assert "rid: " in told["errmsg"]


def test_who_left_gets_no_template(account: Account, phone: Phone) -> None:
    phone.event("unsubscribe")
    assert account.post(TEMPLATE, filled(phone))["errcode"] == 43004
    phone.event("subscribe")
    assert account.post(TEMPLATE, filled(phone))["errcode"] == 0


def test_a_client_msg_id_is_sent_once_in_ten_minutes(
    account: Account, phone: Phone, clock: Clock
) -> None:
    def cards() -> int:
        return sum(message["via"] == "template" for message in phone.read())

    first = account.post(TEMPLATE, filled(phone, client_msg_id="n-1"))
    again = account.post(TEMPLATE, filled(phone, client_msg_id="n-1"))
    assert again == first
    assert cards() == 1
    assert account.post(TEMPLATE, filled(phone, client_msg_id="n-2"))["msgid"] != first["msgid"]
    clock.forward(minutes=10, seconds=1)
    assert account.post(TEMPLATE, filled(phone, client_msg_id="n-1"))["msgid"] != first["msgid"]
    assert cards() == 3


def test_a_template_message_needs_no_window(account: Account, phone: Phone, clock: Clock) -> None:
    clock.forward(hours=49)
    account.renew()
    assert account.text(phone.openid) == 45015
    assert account.post(TEMPLATE, filled(phone))["errcode"] == 0


def test_the_linked_mini_program_may_be_opened_by_a_card(account: Account, phone: Phone) -> None:
    opens = {"appid": MINI_APP_ID, "pagepath": "pages/progress"}
    assert account.post(TEMPLATE, filled(phone, miniprogram=opens))["errcode"] == 0
    card = phone.read()[-1]["card"]
    assert (card["appid"], card["pagepath"]) == (MINI_APP_ID, "pages/progress")


def test_one_accept_is_one_subscription_message(
    account: Account, phone: Phone, webhook: Webhook
) -> None:
    message = filled(phone, "S-PROGRESS", page="https://a.example/p")
    assert account.post(BIZSEND, message)["errcode"] == 43101
    phone.send(type="subscription", template="S-PROGRESS", accept=True)
    assert webhook.pushes[-1]._data["Event"] == "subscribe_msg_popup_event"
    assert credits(phone) == {"S-PROGRESS": 1}
    told = account.post(BIZSEND, message)
    assert told["errcode"] == 0
    assert account.post(BIZSEND, message)["errcode"] == 43101
    shown = phone.read()[-1]
    assert (shown["via"], shown["card"]["url"]) == ("subscribe", "https://a.example/p")
    push, *_ = results(phone, webhook, "subscribe_msg_sent_event")
    row = push._data["SubscribeMsgSentEvent"]["List"]
    assert row["MsgID"] == str(told["msgid"])
    assert (row["TemplateId"], row["ErrorCode"]) == ("S-PROGRESS", "0")


def credits(phone: Phone) -> dict[str, int]:
    url = f"{phone.api}/users/{phone.openid}/credits"
    found: dict[str, int] = requests.get(url, timeout=5).json()["credits"]
    return found


def test_a_refused_or_withdrawn_subscription_is_none(account: Account, phone: Phone) -> None:
    phone.send(type="subscription", templates={"S-PROGRESS": True, "S-READY": False})
    phone.send(type="subscription", template="S-PROGRESS", accept=True)
    assert credits(phone) == {"S-PROGRESS": 2}
    phone.event("subscribe_msg_change_event", templates={"S-PROGRESS": False})
    assert credits(phone) == {}
    assert account.post(BIZSEND, filled(phone, "S-PROGRESS"))["errcode"] == 43101


@pytest.mark.parametrize(
    "asked",
    [
        {"template": "T-PROGRESS", "accept": True},
        {"template": "S-OTHER", "accept": True},
        {"templates": {}},
        {"templates": ["S-READY"]},
        {},
    ],
)
def test_nobody_subscribes_to_what_the_account_has_not(phone: Phone, asked: dict[str, Any]) -> None:
    answer = requests.post(phone.url, json={"type": "subscription", **asked}, timeout=5)
    assert answer.status_code == 400
    assert credits(phone) == {}


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"touser": "nobody"}, 40003),
        ({"template_id": "T-PROGRESS"}, 40037),
        ({"data": {}}, 47003),
        ({"page": 5}, 41030),
        ({"miniprogram": {"appid": "wx-another"}}, 40013),
    ],
)
def test_a_subscription_message_that_is_wrong_costs_no_credit(
    account: Account, phone: Phone, change: dict[str, Any], errcode: int
) -> None:
    phone.send(type="subscription", template="S-PROGRESS", accept=True)
    assert account.post(BIZSEND, {**filled(phone, "S-PROGRESS"), **change})["errcode"] == errcode
    assert credits(phone) == {"S-PROGRESS": 1}


def test_a_subscription_message_can_fail_after_it_was_accepted(
    account: Account, phone: Phone, webhook: Webhook
) -> None:
    phone.send(type="subscription", template="S-PROGRESS", accept=True)
    fault = {"wechat": {"result": "failed:user block"}}
    requests.put(f"{account.url}/simulator/api/faults", json=fault, timeout=5)
    assert account.post(BIZSEND, filled(phone, "S-PROGRESS"))["errcode"] == 0
    push, *_ = results(phone, webhook, "subscribe_msg_sent_event")
    row = push._data["SubscribeMsgSentEvent"]["List"]
    assert (row["ErrorCode"], row["ErrorStatus"]) == ("43101", "failed:user block")


def test_the_account_lists_its_templates(account: Account) -> None:
    (template,) = account.get("template/get_all_private_template")["template_list"]
    assert (template["template_id"], template["title"]) == ("T-PROGRESS", "社保卡办理进度通知")
    assert "受理编号:{{character_string1.DATA}}\n" in template["content"]
    told = account.get("wxaapi/newtmpl/gettemplate")
    assert told["errcode"] == 0
    assert [row["priTmplId"] for row in told["data"]] == ["S-PROGRESS", "S-READY"]
    assert "{{thing2.DATA}}" in told["data"][0]["content"]


def test_a_result_that_the_webhook_does_not_take_is_kept_as_a_fault(
    account: Account, phone: Phone, webhook: Webhook
) -> None:
    webhook.answer = lambda message: b"not an answer"
    account.post(TEMPLATE, filled(phone))
    told = eventually(lambda: requests.get(f"{phone.api}/pushes", timeout=5).json()["pushes"])
    assert [(row["event"], row["answer"]) for row in told] == [("TEMPLATESENDJOBFINISH", "fault")]
    assert phone.read()[-1]["via"] == "template"  # the person sees no fault text
