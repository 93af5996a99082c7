"""Our channel and client against the simulator over HTTP: what is sent once, and what is refused.

The simulator knows nothing of our client: both were written from the platform's pages.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest
import requests
from redis import Redis

from bot.channels.metered import Metered
from bot.channels.wechat.channel import WeChatChannel, WeChatMiniChannel
from bot.channels.wechat.client import PlatformClient
from bot.channels.wechat.errors import Kind, PlatformError
from bot.channels.wechat.login import log_in
from bot.channels.wechat.menu import publish_menu, wanted_menu
from bot.channels.wechat.tokens import AccessTokens
from bot.dialogue.messages import AccountKey, Reply
from bot.ports import Filled, SendError
from bot.push.ports import Outgoing, Result
from bot.push.wechat_road import WeChatRoad
from bot.simulator.settings import HERE
from config.city import load_city
from models.sealing import Keyring
from tests.bot.simulator.account import SECRET
from tests.bot.simulator.conftest import MINI_SECRET, Clock, Phone
from tests.bot.simulator.webhook import APP_ID, MINI_APP_ID

SITE = "https://card.example"
KEYS = Keyring([(1, b"d" * 32)], b"i" * 32)
PICTURE = (HERE / "pictures" / "landscape.jpg").read_bytes()
VALUES = {"character_string1": "YZ2611250423", "thing2": "已上报省里", "phrase3": "制卡中"}
TEMPLATE = Filled("template", "T-PROGRESS", VALUES, "/progress")
SUBSCRIPTION = Filled("subscription", "S-PROGRESS", VALUES, "/progress")
MINI = Filled("subscription", "M-PROGRESS", VALUES)


@pytest.fixture
def made(phone: Phone, redis: Redis, clock: Clock) -> Iterator[Callable[..., PlatformClient]]:
    """Makes clients of the two accounts, whose clock is the simulator's."""
    clients: list[PlatformClient] = []

    def make(app_id: str, secret: str) -> PlatformClient:
        tokens = AccessTokens(redis, app_id, KEYS, clock=lambda: clock().timestamp())
        clients.append(PlatformClient(app_id, secret, tokens, api_base=phone.simulator.url))
        return clients[-1]

    yield make
    for client in clients:
        client._http.close()


@pytest.fixture
def client(made: Callable[..., PlatformClient], phone: Phone) -> PlatformClient:
    """The official account's, to which somebody has just written."""
    phone.say("你好")
    return made(APP_ID, SECRET)


@pytest.fixture
def mini_client(made: Callable[..., PlatformClient], mini_phone: Phone) -> PlatformClient:
    """The mini program's, to which somebody has just written."""
    mini_phone.say("你好")
    return made(MINI_APP_ID, MINI_SECRET)


def _account(phone: Phone) -> AccountKey:
    app_id = MINI_APP_ID if phone.account == "wechat_mini" else APP_ID
    return AccountKey(phone.account, app_id, phone.openid)


def _kinds(phone: Phone) -> list[tuple[str, str]]:
    """By which road each message of the bot came, and what it was."""
    return [(each["via"], each["kind"]) for each in phone.read() if each["from"] == "bot"]


def _fault(phone: Phone, **fault: Any) -> None:
    asked = {phone.account: fault}
    address = f"{phone.simulator.url}/simulator/api/faults"
    assert requests.put(address, json=asked, timeout=5).status_code == 200


# --- what arrives ---


def test_a_template_is_sent_once_however_often_it_is_asked(
    client: PlatformClient, phone: Phone
) -> None:
    channel = WeChatChannel(client, SITE)
    ids = {channel.send_filled(_account(phone), TEMPLATE, "notice-1", 2.0) for _ in range(3)}
    assert len(ids) == 1
    assert int(ids.pop()) > 2**53
    assert [via for via, _ in _kinds(phone)].count("template") == 1


def test_the_road_of_pushes_arrives_as_the_channel_does(
    client: PlatformClient, phone: Phone
) -> None:
    """And under the key of a call that was made one by one, it arrives no second time."""
    channel, account = WeChatChannel(client, SITE), _account(phone)
    said = Reply("云州城东支行将于12月1日迁址。", footer="0 返回")
    alone = channel.send_filled(account, TEMPLATE, "p1-1", 2.0)
    channel.send(account, said, "p1-2", 2.0)

    async def by_road() -> list[Result]:
        with ThreadPoolExecutor(2) as pool:
            no_ledger = cast(Any, _OpenWindow())
            meter = Metered(channel, no_ledger)
            road = WeChatRoad(channel, client, phone.simulator.url, meter, pool)
            calls = (
                Outgoing("p1-1", account, "template", None, TEMPLATE),
                Outgoing("p1-3", account, "template", None, TEMPLATE),
                Outgoing("p1-2", account, "chat", said, None),
            )
            try:
                return [await road.send(call) for call in calls]
            finally:
                road.close()

    again, other, chat = asyncio.run(by_road())
    assert again == Result(sent_as=alone)
    assert other.sent_as not in ("", alone)
    assert not chat.reason
    shown = [each for each in phone.read() if each["from"] == "bot"]
    for via, times in (("template", 2), ("custom", 2)):
        texts = [each["text"] for each in shown if each["via"] == via]
        assert len(texts) == times
        assert len(set(texts)) == 1, "both ends of the service say it alike"


class _OpenWindow:
    def take(self, account: AccountKey) -> str:
        return "ok"


def test_a_subscription_is_sent_as_often_as_it_was_allowed(
    client: PlatformClient, phone: Phone
) -> None:
    channel = WeChatChannel(client, SITE)
    phone.send(type="subscription", template="S-PROGRESS", accept=True)
    assert channel.send_filled(_account(phone), SUBSCRIPTION, "notice-1", 2.0)
    with pytest.raises(SendError, match="permanent 43101"):
        channel.send_filled(_account(phone), SUBSCRIPTION, "notice-2", 2.0)


def test_a_mini_programs_subscription_goes_by_its_own_call(
    mini_client: PlatformClient, mini_phone: Phone
) -> None:
    channel = WeChatMiniChannel(mini_client, SITE)
    with pytest.raises(SendError, match="permanent 43101"):
        channel.send_filled(_account(mini_phone), MINI, "notice-1", 2.0)
    mini_phone.send(type="subscription", template="M-PROGRESS", accept=True)
    channel.send_filled(_account(mini_phone), MINI, "notice-1", 2.0)
    assert ("subscribe", "text") in _kinds(mini_phone)


def test_the_citys_menu_is_published_once(client: PlatformClient) -> None:
    wanted = wanted_menu(load_city().menu, SITE, MINI_APP_ID)
    assert publish_menu(client, wanted).published
    assert publish_menu(client, wanted).same
    client.delete_menu()
    assert client.published_menu() is None


def test_a_page_is_signed_with_the_ticket(client: PlatformClient, phone: Phone) -> None:
    ticket, page = client.page_ticket(), f"{SITE}/notices"
    assert client.page_ticket() == ticket
    signature = client.jsapi.get_jsapi_signature("nonce-1", ticket, 1700000000, page)
    asked = {"url": page, "timestamp": 1700000000, "nonceStr": "nonce-1", "signature": signature}
    checked = requests.post(f"{phone.api}/jssdk/check", json=asked, timeout=5)
    assert checked.json()["ok"] is True


def _code(visitor: Phone, **asked: str) -> str:
    answer = requests.post(f"{visitor.api}/users/{visitor.openid}/codes", json=asked, timeout=5)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["code"])


def test_a_visitor_is_known_by_a_code_that_is_good_once(
    mini_client: PlatformClient, mini_phone: Phone
) -> None:
    code = _code(mini_phone)
    assert log_in(mini_client, code).openid == mini_phone.openid
    with pytest.raises(PlatformError) as used:
        log_in(mini_client, code)
    assert (used.value.code, used.value.kind) == (40163, Kind.LOGIN)


# --- what is refused ---


def _sends(channel: WeChatChannel, phone: Phone) -> dict[str, Callable[[], object]]:
    who = _account(phone)
    return {
        "message/custom/send": lambda: channel.send(who, Reply("您好"), "key", 2.0),
        "message/template/send": lambda: channel.send_filled(who, TEMPLATE, "key", 2.0),
        "message/subscribe/bizsend": lambda: channel.send_filled(who, SUBSCRIPTION, "key", 2.0),
    }


@pytest.mark.parametrize("call", ["message/custom/send", "message/template/send"])
@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (45009, "quota"),
        (45011, "transient"),
        (-1, "transient"),
        (40164, "account"),
        (48001, "account"),
        (43019, "permanent"),
        (47003, "bug"),
        ("http_502", "transient"),
        ("html", "unknown"),
        ("empty", "unknown"),
        ("cut", "unknown"),
        ("lost", "unknown"),
    ],
)
def test_every_sort_of_failure_is_told_by_its_reason(
    client: PlatformClient, phone: Phone, call: str, error: int | str, reason: str
) -> None:
    _fault(phone, calls=[call], error=error)
    with pytest.raises(SendError) as fault:
        _sends(WeChatChannel(client, SITE), phone)[call]()
    assert fault.value.reason == reason


def test_an_account_that_is_not_verified_is_told_at_each_road(
    client: PlatformClient, phone: Phone
) -> None:
    """So that the next one is taken: a later visit needs no right at all."""
    phone.send(type="subscription", template="S-PROGRESS", accept=True)
    phone.change(verified=False)
    for send in _sends(WeChatChannel(client, SITE), phone).values():
        with pytest.raises(SendError, match="account 48001"):
            send()
    change = publish_menu(client, wanted_menu(load_city().menu, SITE, ""))
    assert (change.published, change.fault[:5]) == (False, "48001")
    assert "verify" in change.remedy
    with pytest.raises(PlatformError) as no_choices:
        client.send_choices(phone.openid, "办哪样？", [("a", "办卡")])
    assert no_choices.value.kind is Kind.ACCOUNT


def test_the_window_ends_after_two_days(client: PlatformClient, phone: Phone, clock: Clock) -> None:
    clock.forward(hours=48, seconds=1)
    with pytest.raises(SendError, match="window 45015"):
        WeChatChannel(client, SITE).send(_account(phone), Reply("您好"), "key", 2.0)


def test_who_left_is_nobody_to_send_to(client: PlatformClient, phone: Phone) -> None:
    phone.event("unsubscribe")
    reasons = []
    for send in _sends(WeChatChannel(client, SITE), phone).values():
        with pytest.raises(SendError) as fault:
            send()
        reasons.append(fault.value.reason)
    assert reasons == ["window", "permanent", "permanent"]
