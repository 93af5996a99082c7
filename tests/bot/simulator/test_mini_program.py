"""The mini program: an account of its own beside the official one, answered by API alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from bot.simulator.platform import MINI_FAULT_TEXT
from bot.simulator.server import RunningSimulator
from tests.bot.simulator.account import JPEG, Account
from tests.bot.simulator.conftest import MINI_SECRET, Clock, Phone, mini_config
from tests.bot.simulator.patience import eventually
from tests.bot.simulator.webhook import (
    MINI_AES_KEY,
    MINI_APP_ID,
    MINI_TOKEN,
    Webhook,
    listen,
    say,
)

Run = Callable[..., RunningSimulator]
DATA = {
    "character_string1": {"value": "YZ1"},
    "thing2": {"value": "好"},
    "phrase3": {"value": "制卡中"},
}
SEND = "message/subscribe/send"


@pytest.fixture(params=["xml", "json"])
def form(request: pytest.FixtureRequest) -> str:
    """The format that the account has chosen for its pushes."""
    return str(request.param)


@pytest.fixture(params=["safe", "plain", "compatible"])
def hook(request: pytest.FixtureRequest) -> Iterator[Webhook]:
    """The mini program's webhook."""
    hook = Webhook(mode=request.param, keys=(MINI_TOKEN, MINI_AES_KEY, MINI_APP_ID))
    official = Webhook()
    stop = listen(official, hook)
    hook.url = official.url
    yield hook
    stop()
    assert official.pushes == []


@pytest.fixture
def chat(run: Run, hook: Webhook, form: str) -> Phone:
    """A phone in the chat of a mini program that `hook` serves."""
    simulator = run(hook, mini=mini_config(mode=hook.mode, push_format=form))
    return Phone(simulator, "o_mini_user_1", "wechat_mini")


@pytest.fixture
def caller(chat: Phone) -> Account:
    account = Account(chat.simulator.url, app_id=MINI_APP_ID, secret=MINI_SECRET)
    account.renew()
    return account


def fields(hook: Webhook, place: int = -1) -> dict[str, Any]:
    """One push as names and texts, whatever its format."""
    push = hook.pushes[place]
    told: dict[str, Any] = push if isinstance(push, dict) else push._data
    return told


def test_who_is_new_enters_and_messages_come_with_the_programs_own_name(
    chat: Phone, hook: Webhook
) -> None:
    chat.say("你好")
    entered, said = fields(hook, 0), fields(hook, 1)
    assert (entered["Event"], entered["MsgType"]) == ("user_enter_tempsession", "event")
    assert (said["Content"], said["ToUserName"]) == ("你好", "gh_f6e5d4c3b2a1")
    assert said["FromUserName"] == "o_mini_user_1"


def test_the_chat_can_be_saved_as_a_transcript(chat: Phone) -> None:
    chat.say("你好")
    saved = requests.get(f"{chat.api}/users/{chat.openid}/transcript", timeout=5)
    assert saved.status_code == 200
    assert "# user: o_mini_user_1" in saved.text
    assert "> 你好" in saved.text
    nobody = f"{chat.simulator.url}/simulator/api/wechat_max/users/{chat.openid}/transcript"
    assert requests.get(nobody, timeout=5).status_code == 400


def test_pictures_and_pages_are_sent_and_the_rest_is_not(chat: Phone, hook: Webhook) -> None:
    requests.post(chat.url, files={"file": ("a.jpg", JPEG)}, timeout=5)
    assert fields(hook)["MsgType"] == "image"
    assert fields(hook)["MediaId"]
    chat.send(type="miniprogrampage", title="进度", page="pages/progress")
    assert fields(hook)["PagePath"] == "pages/progress"
    assert fields(hook)["AppId"] == MINI_APP_ID
    chat.event("user_enter_tempsession", key="from-the-card-page")
    assert fields(hook)["SessionFrom"] == "from-the-card-page"
    for kind in ("voice", "video", "location", "sticker", "link"):
        asked = {"type": kind, "lat": 1, "lng": 1}
        assert requests.post(chat.url, json=asked, timeout=5).status_code == 400


def test_a_passive_text_is_a_fault_and_success_is_none(run: Run, clock: Clock) -> None:
    hook = Webhook(mode="plain", keys=(MINI_TOKEN, MINI_AES_KEY, MINI_APP_ID))
    official = Webhook()
    stop = listen(official, hook)
    hook.url = official.url
    phone = Phone(run(hook, mini=mini_config(mode="plain")), account="wechat_mini")
    assert phone.say("你好")["messages"] == []
    hook.answer = say("您好")
    (said,) = phone.say("你好")["messages"]
    assert (said["kind"], said["text"]) == ("fault", MINI_FAULT_TEXT)
    hook.answer = lambda m: (
        f"<xml><ToUserName>{m.source}</ToUserName><FromUserName>{m.target}</FromUserName>"
        "<CreateTime>5</CreateTime><MsgType>transfer_customer_service</MsgType></xml>"
    )
    assert [m["kind"] for m in phone.say("人工")["messages"]] == ["transfer"]
    stop()


def test_messages_go_out_by_api_alone(chat: Phone, caller: Account) -> None:
    chat.say("你好")
    media_id = caller.upload(JPEG)["media_id"]
    page = {"title": "进度", "pagepath": "pages/progress", "thumb_media_id": media_id}
    link = {"title": "题", "description": "文", "url": "https://a.example/", "thumb_url": "t"}
    assert caller.text(chat.openid) == 0
    assert caller.send(chat.openid, image={"media_id": media_id}) == 0
    assert caller.send(chat.openid, miniprogrampage=page) == 0
    assert caller.send(chat.openid, link=link) == 0
    assert [m["kind"] for m in chat.read()[-4:]] == ["text", "image", "miniprogram", "link"]
    shown = chat.read()[-2]["card"]
    assert shown == {"title": "进度", "appid": MINI_APP_ID, "pagepath": "pages/progress"}
    for kind in ("msgmenu", "news", "voice", "video", "music", "wxcard", "mpnews"):
        assert caller.send(chat.openid, **{kind: {}}) == 40008
    assert caller.send(chat.openid, link={**link, "url": ""}) == 47001
    assert caller.send(chat.openid, link={**link, "title": 5}) == 47001


def test_entering_opens_two_messages_for_a_minute_and_a_message_five(
    chat: Phone, caller: Account, clock: Clock
) -> None:
    chat.event("user_enter_tempsession")
    assert [caller.text(chat.openid) for _ in range(3)] == [0, 0, 45047]
    clock.forward(seconds=61)
    assert caller.text(chat.openid) == 45015
    chat.say("你好")
    assert [caller.text(chat.openid) for _ in range(6)] == [0, 0, 0, 0, 0, 45047]
    clock.forward(hours=48, seconds=1)
    caller.renew()
    assert caller.text(chat.openid) == 45015


def test_the_two_accounts_know_nothing_of_each_other(
    account: Account, mini: Account, phone: Phone, mini_phone: Phone
) -> None:
    phone.say("你好")
    mini_phone.send(type="event", event="user_enter_tempsession")
    assert account.text(mini_phone.openid) == 40003
    assert mini.text(phone.openid) == 40003
    assert [m["text"] for m in mini_phone.read() if m["kind"] == "text"] == []
    for call in ("message/template/send", "message/subscribe/bizsend", "menu/create"):
        assert mini.post(call, {})["errcode"] == 48001
    assert mini.get("ticket/getticket", type="jsapi")["errcode"] == "48001"
    assert account.post(SEND, {})["errcode"] == 48001
    assert account.post("wxa/business/getuserphonenumber", {})["errcode"] == "48001"
    requests.delete(f"{mini_phone.api}/tokens", timeout=5)
    assert account.text(phone.openid) == 0
    assert mini.text(mini_phone.openid) == 40001


# --- subscriptions ----------------------------------------------------------------------------


def test_one_accept_is_one_message_and_its_result_is_pushed(
    chat: Phone, caller: Account, hook: Webhook, form: str
) -> None:
    message = {"touser": chat.openid, "template_id": "M-PROGRESS", "data": DATA}
    edition = {"page": "pages/progress", "miniprogram_state": "trial", "lang": "zh_CN"}
    chat.say("你好")
    assert caller.post(SEND, message)["errcode"] == 43101
    chat.send(type="subscription", template="M-PROGRESS", accept=True)
    popped = fields(hook)
    assert ("List" in popped) is (form == "json")
    row = popped["List"] if form == "json" else popped["SubscribeMsgPopupEvent"]["List"]
    assert row["PopupScene"] == "0"
    told = caller.post(SEND, {**message, **edition})
    assert told["errcode"] == 0
    assert chat.read()[-1]["via"] == "subscribe"
    assert caller.post(SEND, message)["errcode"] == 43101

    def result() -> dict[str, Any]:
        last = fields(hook)
        return last if last.get("Event") == "subscribe_msg_sent_event" else {}

    sent = eventually(result)
    row = sent["List"] if form == "json" else sent["SubscribeMsgSentEvent"]["List"]
    assert (row["MsgID"], row["ErrorStatus"]) == (str(told["msgid"]), "success")


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"touser": "nobody"}, 40003),
        ({"template_id": "S-PROGRESS"}, 40037),
        ({"data": {}}, 47003),
        ({"miniprogram_state": "beta"}, 40097),
        ({"lang": "de_DE"}, 40097),
        ({"page": 5}, 41030),
    ],
)
def test_a_subscription_message_that_is_wrong_costs_nothing(
    mini: Account, mini_phone: Phone, change: dict[str, Any], errcode: int
) -> None:
    mini_phone.send(type="subscription", template="M-PROGRESS", accept=True)
    message = {"touser": mini_phone.openid, "template_id": "M-PROGRESS", "data": DATA}
    assert mini.post(SEND, {**message, **change})["errcode"] == errcode
    assert mini.post(SEND, message)["errcode"] == 0


# --- login and phone --------------------------------------------------------------------------


def code(mini_phone: Phone, **asked: str) -> str:
    address = f"{mini_phone.api}/users/{mini_phone.openid}/codes"
    answer = requests.post(address, json=asked, timeout=5)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["code"])


def login(account: Account, code: str, **change: str) -> requests.Response:
    asked = {"appid": account.app_id, "secret": account.secret, "js_code": code}
    given = {"grant_type": "authorization_code", **asked, **change}
    return requests.get(account.address("sns/jscode2session"), params=given, timeout=5)


def number(account: Account, code: str, **more: str) -> dict[str, Any]:
    return account.post("wxa/business/getuserphonenumber", {"code": code, **more})


def test_a_login_code_is_good_once_for_five_minutes(
    mini: Account, mini_phone: Phone, clock: Clock
) -> None:
    first = code(mini_phone)
    answer = login(mini, first)
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.json()["openid"] == mini_phone.openid
    assert answer.json()["session_key"]
    assert login(mini, first).json()["errcode"] == 40163
    late = code(mini_phone)
    clock.forward(minutes=5, seconds=1)
    assert login(mini, late).json()["errcode"] == 40029


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"js_code": "made-up"}, 40029),
        ({"js_code": ""}, 41008),
        ({"grant_type": "client_credential"}, 40002),
        ({"appid": "wx-another"}, 40013),
        ({"secret": "wrong"}, 40125),
    ],
)
def test_a_login_that_is_wrong_is_refused_and_the_code_stays_good(
    mini: Account, mini_phone: Phone, change: dict[str, str], errcode: int
) -> None:
    good = code(mini_phone)
    assert login(mini, good, **change).json()["errcode"] == errcode
    assert "openid" in login(mini, good).json()


def test_a_person_logs_in_a_hundred_times_a_minute(mini: Account, mini_phone: Phone) -> None:
    told = [login(mini, code(mini_phone)).json() for _ in range(101)]
    assert all("openid" in one for one in told[:100])
    assert told[100]["errcode"] == 45011


def test_a_phone_code_gives_the_number_once(mini: Account, mini_phone: Phone) -> None:
    good = code(mini_phone, sort="phone", phone="13900001234")
    told = number(mini, good)
    assert told["errcode"] == "0"
    info = told["phone_info"]
    assert (info["purePhoneNumber"], info["countryCode"]) == ("13900001234", "86")
    assert info["watermark"]["appid"] == MINI_APP_ID
    assert number(mini, good)["errcode"] == "40029"


def test_codes_of_the_other_sort_or_of_another_person_are_refused(
    mini: Account, mini_phone: Phone, clock: Clock
) -> None:
    phone_code = code(mini_phone, sort="phone", phone="13900001234")
    login_code = code(mini_phone)
    assert number(mini, login_code)["errcode"] == "40029"
    assert login(mini, phone_code).json()["errcode"] == 40029
    assert number(mini, "")["errcode"] == "41008"
    assert number(mini, phone_code, openid="another")["errcode"] == "40003"
    clock.forward(minutes=6)
    late = number(mini, code(mini_phone, sort="phone", phone="13900001234"))
    assert late["errcode"] == "0"


def test_an_unverified_mini_program_gets_no_numbers(mini: Account, mini_phone: Phone) -> None:
    mini_phone.change(verified=False)
    good = code(mini_phone, sort="phone", phone="13900001234")
    assert number(mini, good)["errcode"] == "48001"
    assert "openid" in login(mini, code(mini_phone)).json()


def test_codes_are_the_mini_programs_alone(phone: Phone, mini_phone: Phone) -> None:
    for one, asked in (
        (phone, {"sort": "login"}),
        (mini_phone, {"sort": "dance"}),
        (mini_phone, {"sort": "phone", "phone": "nine"}),
    ):
        answer = requests.post(f"{one.api}/users/{one.openid}/codes", json=asked, timeout=5)
        assert answer.status_code == 400


def test_a_restart_keeps_the_mini_programs_chats(run: Run, hook: Webhook) -> None:
    first = Phone(run(hook, mini=mini_config(mode=hook.mode)), account="wechat_mini")
    first.say("你好")
    before = first.read()
    again = Phone(run(hook, mini=mini_config(mode=hook.mode)), account="wechat_mini")
    assert again.read() == before
    feed = f"{again.simulator.url}/simulator/api/feed?account=wechat_mini&openid={again.openid}"
    assert requests.get(feed, timeout=5).json()["messages"] == json.loads(json.dumps(before))
    assert requests.get(feed.replace("_mini", "_max"), timeout=5).status_code == 400


def test_without_a_mini_program_there_is_none(run: Run) -> None:
    phone = Phone(run(mini=None), account="wechat_mini")
    assert requests.get(phone.url, timeout=5).status_code == 404
