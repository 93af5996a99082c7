"""What an app may send to its people, and what the gateway says of what it may not."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tests.bot.simulator.alipay.conftest import Call, node, sub_code
from tests.bot.simulator.alipay.service import Service, signed_ack
from tests.bot.simulator.conftest import Clock, Phone

CUSTOM = "alipay.open.public.message.custom.send"
SINGLE = "alipay.open.public.message.single.send"
MINI = "alipay.open.app.mini.templatemessage.send"
ASK = "alipay.open.app.messagetemplate.subscribe.query"


def text_to(phone: Phone, text: str = "您好", **more: Any) -> dict[str, Any]:
    return {"to_user_id": phone.openid, "msg_type": "text", "text": {"content": text}, **more}


def code(answer: requests.Response) -> str:
    told = node(answer)
    return str(told.get("sub_code", told["code"]))


# --- customer-service messages -------------------------------------------------------------------


def test_a_text_stands_in_the_chat_with_its_choices(call: Call, phone: Phone) -> None:
    phone.say("进度")
    assert code(call(CUSTOM, text_to(phone, "选：\n1 查进度\n2 领卡\n0 返回 · 9 人工"))) == "10000"
    last = phone.read()[-1]
    assert (last["via"], last["from"]) == ("custom", "bot")
    assert [option["label"] for option in last["options"]] == ["查进度", "领卡"]


def test_the_outcome_of_a_message_holds_what_was_sent_in_answer(
    call: Call, phone: Phone, service: Service
) -> None:
    phone.event("follow")

    def answer(push: Any) -> bytes:
        call(CUSTOM, text_to(phone, "收到"))
        return signed_ack(push)

    service.answer = answer
    assert [message["text"] for message in phone.say("进度")["messages"]] == ["收到"]


def test_what_was_sent_is_counted(call: Call, phone: Phone) -> None:
    phone.say("进度")
    requests.delete(f"{phone.api}/sends", timeout=5)
    assert code(call(CUSTOM, text_to(phone))) == "10000"
    assert code(call(SINGLE, {**text_to(phone), "template": {"template_id": "none"}})) != "10000"
    told = requests.get(f"{phone.api}/sends", timeout=5).json()
    assert (told["calls"], told["accepted"], told["per_person"]) == (2, 1, {"1": 1})


def test_a_message_opens_two_days(call: Call, phone: Phone, clock: Clock) -> None:
    phone.say("进度")
    clock.forward(hours=47)
    assert code(call(CUSTOM, text_to(phone))) == "10000"
    clock.forward(hours=2)
    assert code(call(CUSTOM, text_to(phone))) == "PUB.MSG_SD_OVER_TIME"


@pytest.mark.parametrize("event", ["follow", "click"])
def test_an_event_opens_five_minutes(call: Call, phone: Phone, clock: Clock, event: str) -> None:
    phone.event("follow")
    clock.forward(minutes=10)
    phone.event(event)
    clock.forward(minutes=4)
    assert code(call(CUSTOM, text_to(phone, event_type=event))) == "10000"
    clock.forward(minutes=2)
    assert code(call(CUSTOM, text_to(phone, event_type=event))) == "PUB.MSG_SD_OVER_TIME"


def test_entering_opens_one_message_a_day(call: Call, phone: Phone, clock: Clock) -> None:
    entered = text_to(phone, event_type="enter_ppchat")
    phone.event("follow")
    clock.forward(minutes=10)
    phone.event("enter")
    assert code(call(CUSTOM, entered)) == "10000"
    phone.event("enter")
    assert code(call(CUSTOM, entered)) == "PUB.MSG_SD_OVER_TIME"


def test_an_allowance_ends(call: Call, phone: Phone) -> None:
    phone.change(allowance={"message": [2, 60]})
    phone.event("follow")
    phone.change(allowance={"message": [2, 60], "follow": [0, 60]})
    phone.say("进度")
    phone.event("unfollow")
    phone.event("follow")
    phone.say("进度")
    told = [code(call(CUSTOM, text_to(phone))) for _ in range(3)]
    assert told == ["10000", "10000", "PUB.MSG_SD_OVER_TIME"]


def test_who_left_is_not_reached(call: Call, phone: Phone) -> None:
    phone.say("进度")
    phone.event("unfollow")
    assert code(call(CUSTOM, text_to(phone))) == "PUB.USER_NOT_FOLLOW"


def test_a_person_is_reached_by_the_open_id_too(call: Call, phone: Phone) -> None:
    phone.say("进度")
    who = requests.get(f"{phone.api}/users/{phone.openid}", timeout=5).json()
    told = {"open_id": who["open_id"], "msg_type": "text", "text": {"content": "您好"}}
    assert code(call(CUSTOM, told)) == "10000"
    assert code(call(CUSTOM, {**told, "open_id": phone.openid})) == "isv.invalid-parameter"


def test_cards_have_a_title_words_and_a_way(call: Call, phone: Phone) -> None:
    phone.say("进度")
    article = {
        "title": "去网站办",
        "desc": "三分钟",
        "url": "https://example.org/",
        "image_url": "",
    }
    told = {"to_user_id": phone.openid, "msg_type": "image-text", "articles": [article]}
    assert code(call(CUSTOM, told)) == "10000"
    assert phone.read()[-1]["card"]["url"] == "https://example.org/"
    for lacking in ({**article, "title": ""}, "no object"):
        assert code(call(CUSTOM, {**told, "articles": [lacking]})) != "10000"


@pytest.mark.parametrize(
    "change",
    [
        {"to_user_id": ""},
        {"to_user_id": "2088999999999999"},
        {"to_user_id": 5},
        {"msg_type": "voice"},
        {"msg_type": ""},
        {"text": "您好"},
        {"text": {"content": ""}},
        {"chat": 1},
        {"event_type": "scan"},
    ],
)
def test_what_no_text_is_is_refused(call: Call, phone: Phone, change: dict[str, Any]) -> None:
    phone.say("进度")
    assert code(call(CUSTOM, {**text_to(phone), **change})).startswith("isv.")
    assert phone.read()[-1]["from"] == "user"


# --- templates of the life account ---------------------------------------------------------------


def single_to(phone: Phone, **context: Any) -> dict[str, Any]:
    words = {
        "head_color": "#1677ff",
        "url": "https://example.org/progress",
        "action_name": "查看进度",
        "keyword1": {"value": "YZ202611230731", "color": "#000000"},
        "keyword2": {"value": "制卡", "color": "#000000"},
        "first": {"value": "有新进度", "color": "#000000"},
        "remark": {"value": "请留意", "color": "#000000"},
    }
    template = {"template_id": "SINGLE-PROGRESS", "context": {**words, **context}}
    return {"to_user_id": phone.openid, "template": template}


def test_a_template_is_shown_with_its_labels(call: Call, phone: Phone) -> None:
    phone.event("follow")
    assert code(call(SINGLE, single_to(phone))) == "10000"
    last = phone.read()[-1]
    assert last["via"] == "template"
    assert last["text"].splitlines() == [
        "办理进度通知",
        "有新进度",
        "受理编号：YZ202611230731",
        "进度：制卡",
        "请留意",
    ]
    assert last["card"]["url"] == "https://example.org/progress"


def test_it_needs_no_window_but_a_follower(call: Call, phone: Phone, clock: Clock) -> None:
    phone.event("follow")
    clock.forward(days=30)
    assert code(call(SINGLE, single_to(phone))) == "10000"
    phone.event("unfollow")
    assert code(call(SINGLE, single_to(phone))) == "PUB.USER_NOT_FOLLOW"


def test_a_template_that_is_not_the_life_accounts_is_none(call: Call, phone: Phone) -> None:
    phone.event("follow")
    told = single_to(phone)
    told["template"]["template_id"] = "MINI-PROGRESS"
    assert code(call(SINGLE, told)) == "MSG_TEMPLATE_NOT_EXIST"


@pytest.mark.parametrize(
    "context",
    [{"keyword2": None}, {"keyword1": {"value": ""}}, {"action_name": "查看办理的进度吧了"}],
)
def test_a_template_is_filled_whole(call: Call, phone: Phone, context: Any) -> None:
    phone.event("follow")
    assert code(call(SINGLE, single_to(phone, **context))).startswith("isv.")


# --- templates and subscriptions of the mini program ---------------------------------------------


def mini_to(phone: Phone, **change: Any) -> dict[str, Any]:
    data = {"keyword1": {"value": "YZ0731"}, "keyword2": {"value": "制卡"}}
    return {
        "to_user_id": phone.openid,
        "user_template_id": "MINI-PROGRESS",
        "page": "pages/progress/index",
        "data": json.dumps(data, ensure_ascii=False),
        **change,
    }


def accept(phone: Phone, accepted: bool = True) -> None:
    phone.send(type="subscription", template="MINI-PROGRESS", accept=accepted)


def test_one_accept_is_one_message(call: Call, phone: Phone) -> None:
    accept(phone)
    assert [code(call(MINI, mini_to(phone))) for _ in range(2)] == ["10000", "USER_NOT_SUBSCRIBE"]
    assert phone.read()[-1]["via"] == "subscription"
    assert phone.read()[-1]["text"].splitlines()[1:] == ["受理编号：YZ0731", "进度：制卡"]


def test_a_pop_up_is_between_the_person_and_the_page(phone: Phone, service: Service) -> None:
    phone.event("follow")
    service.pushes.clear()
    accept(phone, accepted=False)
    assert service.pushes == []
    credits = requests.get(f"{phone.api}/users/{phone.openid}/credits", timeout=5).json()
    assert credits == {"credits": {}}


def test_what_may_be_sent_can_be_asked(call: Call, phone: Phone) -> None:
    asked = {"user_id": phone.openid, "template_id_list": ["MINI-PROGRESS"]}
    phone.event("follow")
    states = []
    for _ in range(2):
        states.append(node(call(ASK, asked))["subscribe_relations"][0]["subscribe_state"])
        accept(phone)
    assert states == ["UNSUBSCRIBE", "SUBSCRIBE"]
    assert code(call(ASK, {**asked, "template_id_list": []})) == "isv.invalid-parameter"


def test_a_form_is_good_for_a_week_and_once(call: Call, phone: Phone, clock: Clock) -> None:
    def form() -> str:
        answer = requests.post(f"{phone.api}/users/{phone.openid}/form_id", json={}, timeout=5)
        return str(answer.json()["form_id"])

    first, second = form(), form()
    assert code(call(MINI, mini_to(phone, form_id=first))) == "10000"
    assert code(call(MINI, mini_to(phone, form_id=first))) == "FORM_ID_OVER_TIME"
    clock.forward(days=8)
    assert code(call(MINI, mini_to(phone, form_id=second))) == "FORM_ID_OVER_TIME"
    assert code(call(MINI, mini_to(phone, form_id="x" * 20))) == "FORM_ID_NOT_MATCH_APPID"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"user_template_id": "SINGLE-PROGRESS"}, "USER_TEMPLATE_ILLEGAL"),
        ({"data": '{"keyword1":{"value":"1"}}'}, "USER_TEMPLATE_LACK_KEYWORD"),
        (
            {"data": json.dumps({"keyword1": {"value": "1" * 51}, "keyword2": {"value": "1"}})},
            "USER_KEYWORD_LENGTH_ERROR",
        ),
        ({"data": "{"}, "isv.illegal-json"),
        ({"data": {"keyword1": {"value": "1"}}}, "isv.invalid-parameter"),
        ({"page": ""}, "isv.missing-parameter"),
        ({"page": "p" * 129}, "isv.invalid-parameter"),
    ],
)
def test_a_subscription_message_has_its_limits(
    call: Call, phone: Phone, change: dict[str, Any], expected: str
) -> None:
    accept(phone)
    assert code(call(MINI, mini_to(phone, **change))) == expected
    assert code(call(MINI, mini_to(phone))) == "10000"  # nothing was used up


# --- the menu ------------------------------------------------------------------------------------

BUTTONS = [
    {"name": "办卡", "action_type": "link", "action_param": "https://example.org/apply"},
    {
        "name": "查询",
        "sub_button": [
            {"name": "办到哪一步", "action_type": "out", "action_param": "progress"},
        ],
    },
]


def test_a_menu_is_made_once_and_then_changed(call: Call, phone: Phone) -> None:
    menu = "alipay.open.public.menu"
    assert code(call(f"{menu}.modify", {"button": BUTTONS})) == "MENU_NOT_EXIST"
    assert code(call(f"{menu}.create", {"button": BUTTONS})) == "10000"
    assert code(call(f"{menu}.create", {"button": BUTTONS})) == "MENU_ALREADY_EXIST"
    assert code(call(f"{menu}.modify", {"button": BUTTONS[:1]})) == "10000"
    kept = json.loads(node(call(f"{menu}.query"))["menu_content"])["button"]
    assert [button["name"] for button in kept] == ["办卡"]
    assert requests.get(f"{phone.api}/menu", timeout=5).json()["button"] == kept


@pytest.mark.parametrize(
    "buttons",
    [
        [],
        BUTTONS * 3,
        [{"name": "五个汉字啊", "action_type": "out", "action_param": "a"}],
        [{"name": "办卡", "action_type": "out", "action_param": "delete"}],
        [{"name": "办卡", "action_type": "jump", "action_param": "a"}],
        [{"name": "办卡", "action_type": "link", "action_param": "example.org"}],
        [{"name": "办卡", "action_type": "out", "action_param": "a" * 256}],
        [{"name": "办卡", "sub_button": [BUTTONS[1]]}],
        ["办卡"],
    ],
)
def test_a_menu_that_breaks_the_limits_is_refused(call: Call, buttons: Any) -> None:
    answer = call("alipay.open.public.menu.create", {"button": buttons})
    assert sub_code(answer) == "isv.invalid-parameter"
