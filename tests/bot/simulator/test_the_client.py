"""Every call of the service's own client against the simulator: two ends of one wire."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import redis as redis_py
import requests

from bot.channels.wechat.client import PlatformClient
from bot.channels.wechat.errors import Kind, PlatformError
from bot.channels.wechat.login import log_in, phone_number
from bot.channels.wechat.tokens import AccessTokens
from bot.ports import Filled
from bot.simulator.server import RunningSimulator
from models.sealing import Keyring
from tests.bot.simulator.account import JPEG, SECRET
from tests.bot.simulator.conftest import MINI_SECRET, Phone
from tests.bot.simulator.webhook import APP_ID, MINI_APP_ID

Run = Callable[..., RunningSimulator]
VALUES = {"character_string1": "YZ2611250423", "thing2": "已上报省里", "phrase3": "制卡中"}
KEYRING = Keyring([(1, b"1" * 32)], b"2" * 32)


def make_client(redis: redis_py.Redis, phone: Phone, app_id: str, secret: str) -> PlatformClient:
    tokens = AccessTokens(redis, app_id, KEYRING)
    return PlatformClient(app_id, secret, tokens, api_base=phone.simulator.url, seconds=5.0)


@pytest.fixture
def client(redis: redis_py.Redis, phone: Phone) -> PlatformClient:
    phone.say("你好")
    return make_client(redis, phone, APP_ID, SECRET)


@pytest.fixture
def mini_client(redis: redis_py.Redis, mini_phone: Phone) -> PlatformClient:
    mini_phone.say("你好")
    return make_client(redis, mini_phone, MINI_APP_ID, MINI_SECRET)


def kinds(phone: Phone) -> list[str]:
    """What arrived by API."""
    return [m["kind"] for m in phone.read() if m["via"] not in ("", "passive")]


def code(mini_phone: Phone, **asked: str) -> str:
    url = f"{mini_phone.api}/users/{mini_phone.openid}/codes"
    return str(requests.post(url, json=asked, timeout=5).json()["code"])


def test_the_official_accounts_messages_arrive(client: PlatformClient, phone: Phone) -> None:
    who, picture = phone.openid, client.upload_picture(JPEG)
    client.show_typing(who)
    client.send_text(who, "您好 𠮷")
    client.send_image(who, picture)
    client.send_article(who, "进度", "看看", "https://card.example/")
    client.send_choices(who, "办哪样？", [("1", "办卡")], "点一下")
    client.send_mini_page(who, "社保卡", MINI_APP_ID, "pages/i", picture)
    assert kinds(phone) == ["text", "image", "link", "menu", "miniprogram"]
    assert client.fetch_media(picture, 10_000) == JPEG
    with pytest.raises(PlatformError) as fault:
        client.send_text(who, "又")
    assert (fault.value.kind, fault.value.code) == (Kind.WINDOW, 45047)


def test_approved_wordings_arrive_with_an_id(client: PlatformClient, phone: Phone) -> None:
    message = Filled("template", "T-PROGRESS", VALUES)
    first = client.send_template(phone.openid, message, "https://card.example/", "n-1")
    assert first == client.send_template(phone.openid, message, "https://card.example/", "n-1")
    subscribed = Filled("subscription", "S-PROGRESS", VALUES)
    with pytest.raises(PlatformError) as fault:
        client.send_subscription(phone.openid, subscribed, "")
    assert fault.value.code == 43101
    phone.send(type="subscription", template="S-PROGRESS", accept=True)
    assert client.send_subscription(phone.openid, subscribed, "https://card.example/") != first
    assert [m["via"] for m in phone.read() if m["from"] == "bot"] == ["template", "subscribe"]


def test_the_account_itself_is_asked(client: PlatformClient) -> None:
    assert client.published_menu() is None
    client.publish_menu({"button": [{"type": "click", "name": "办卡", "key": "apply"}]})
    menu = client.published_menu()
    assert menu is not None
    assert menu["button"][0]["key"] == "apply"
    client.delete_menu()
    assert client.published_menu() is None
    assert [t["template_id"] for t in client.templates()] == ["T-PROGRESS"]
    assert [t["priTmplId"] for t in client.subscriptions()] == ["S-PROGRESS", "S-READY"]
    assert client.callback_addresses() == client.api_addresses() == ["127.0.0.1"]
    assert client.page_ticket()


def test_the_mini_programs_calls_arrive(mini_client: PlatformClient, mini_phone: Phone) -> None:
    who = mini_phone.openid
    mini_client.send_text(who, "您好")
    mini_client.send_link(who, "进度", "看看", "https://card.example/")
    mini_phone.send(type="subscription", template="M-PROGRESS", accept=True)
    message = Filled("subscription", "M-PROGRESS", VALUES)
    assert mini_client.send_mini_subscription(who, message, "pages/p", state="trial", locale="en")
    assert kinds(mini_phone) == ["text", "link", "text"]
    assert log_in(mini_client, code(mini_phone)).openid == who
    number = phone_number(mini_client, code(mini_phone, sort="phone", phone="13900001234"), who)
    assert (number.number, number.country) == ("13900001234", "86")
    with pytest.raises(PlatformError) as fault:
        phone_number(mini_client, code(mini_phone))
    assert fault.value.kind is Kind.LOGIN


@pytest.mark.parametrize("error", ["html", "cut", "empty", "http_500", "http_502", "lost"])
def test_a_broken_answer_is_no_success(client: PlatformClient, phone: Phone, error: str) -> None:
    fault = {"wechat": {"calls": ["message/custom/send"], "error": error}}
    requests.put(f"{phone.simulator.url}/simulator/api/faults", json=fault, timeout=5)
    with pytest.raises(PlatformError) as told:
        client.send_text(phone.openid, "您好")
    assert told.value.kind is Kind.TRANSIENT
    if kinds(phone):  # it arrived all the same: nobody may say that it surely did not
        assert told.value.unknown


@pytest.mark.parametrize("right", ["custom", "template", "menu"])
def test_a_right_that_is_lost_is_the_accounts_fault(
    client: PlatformClient, phone: Phone, right: str
) -> None:
    calls: dict[str, Callable[[], object]] = {
        "custom": lambda: client.send_text(phone.openid, "您好"),
        "template": lambda: client.send_template(
            phone.openid, Filled("template", "T-PROGRESS", VALUES), "", "n"
        ),
        "menu": lambda: client.publish_menu(
            {"button": [{"type": "click", "name": "办卡", "key": "k"}]}
        ),
    }
    phone.change(without=[right])
    with pytest.raises(PlatformError) as fault:
        calls[right]()
    assert (fault.value.kind, fault.value.code) == (Kind.ACCOUNT, 48001)


def test_a_dead_token_is_renewed_once_and_the_message_arrives_once(
    client: PlatformClient, phone: Phone
) -> None:
    client.send_text(phone.openid, "一")
    dead = {"wechat": {"token": "dead"}}
    requests.put(f"{phone.simulator.url}/simulator/api/faults", json=dead, timeout=5)
    client.send_text(phone.openid, "二")
    assert [m["text"] for m in phone.read() if m["from"] == "bot"] == ["一", "二"]
