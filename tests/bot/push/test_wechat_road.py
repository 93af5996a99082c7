"""The road to WeChat: the same on the wire as the channel, and one token for all calls at once."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest
from redis import Redis

from bot.channels.metered import Metered
from bot.channels.wechat.channel import WeChatChannel, WeChatMiniChannel
from bot.channels.wechat.client import PlatformClient
from bot.channels.wechat.program import WeChatProgram
from bot.channels.wechat.tokens import AccessTokens
from bot.dialogue.messages import AccountKey, Link, Option, Reply
from bot.ports import Filled, SendError
from bot.push import wechat_road
from bot.push.ports import Outgoing, Result
from bot.push.wechat_road import WeChatRoad
from tests.bot.channels.wechat.accounts import APP_ID, KEYS, PERSON, SECRET
from tests.bot.channels.wechat.platform import (
    Answer,
    Call,
    Platform,
    drip,
    hang,
    hang_up,
    page,
    redirect,
    running,
    status,
)

SITE = "https://card.example"
SENT = {"errcode": 0, "errmsg": "ok", "msgid": 4151712637460643841}
VALUES = {
    "character_string1": "YZ2611230001",
    "thing2": "已上报省里，请留意\n通知",
    "phrase3": "制卡中",
}
TEMPLATE = Filled("template", "T1", VALUES, "/progress?a=b&c=d")
SUBSCRIBED = Filled("subscription", "S1", VALUES, "/progress")
PLAIN = Reply(
    "云州城东支行将于12月1日迁址。", links=(Link("/progress", "看进度"),), footer="0 返回"
)
ASKING = Reply("还去吗？", (Option("1", "去"), Option("2", "不去")), mark="m1", after="回复数字")
CUSTOM = "/cgi-bin/message/custom/send"
SENDS = "/cgi-bin/message/template/send"
_TOKEN = "/cgi-bin/stable_token"


class OpenWindow:
    """A ledger that lets everything through, and writes down what it is told."""

    def __init__(self, says: Any = "ok") -> None:
        self.says, self.told = says, []  # type: ignore[var-annotated]

    def take(self, account: AccountKey) -> Any:
        return self.says

    def give_back(self, account: AccountKey) -> None:
        self.told.append("give back")

    def close(self, account: AccountKey) -> None:
        self.told.append("close")


@pytest.fixture
def platform() -> Iterator[Platform]:
    with running() as server:
        yield server


@pytest.fixture
def client(platform: Platform, redis: Redis) -> Iterator[PlatformClient]:
    tokens = AccessTokens(redis, APP_ID, KEYS)
    made = PlatformClient(APP_ID, SECRET, tokens, api_base=platform.address)
    yield made
    made._http.close()


@pytest.fixture
def channel(client: PlatformClient) -> WeChatChannel:
    return WeChatChannel(client, SITE, clickable=True)


def chat(reply: Reply = PLAIN, key: str = "p1-1") -> Outgoing:
    return Outgoing(key, PERSON, "chat", reply, None)


def filled(message: Filled = TEMPLATE, key: str = "p1-1") -> Outgoing:
    return Outgoing(key, PERSON, message.rung, None, message)


def over(
    channel: Any,
    client: PlatformClient,
    platform: Platform,
    go: Callable[[WeChatRoad], Awaitable[Any]],
    ledger: OpenWindow | None = None,
    seconds: float = 5.0,
) -> Any:
    """What `go` makes of the road."""

    async def run() -> Any:
        with ThreadPoolExecutor(2) as pool:
            meter = Metered(channel, ledger or OpenWindow())
            given = (channel, client, platform.address, meter, pool)
            road = WeChatRoad(*given, seconds=seconds)
            try:
                return await go(road)
            finally:
                road.close()

    return asyncio.run(run())


def sends(platform: Platform) -> list[Call]:
    return [call for call in platform.calls if call.path != _TOKEN]


# --- the wire ---


CALLS = {
    "text": chat(),
    "clickable options": chat(ASKING),
    "template": filled(),
    "template without a page": filled(Filled("template", "T1", VALUES)),
    "subscription": filled(SUBSCRIBED),
    "subscription without a page": filled(Filled("subscription", "S1", VALUES)),
}
_NOTHING: Any = (None, None, None)  # what a page needs for its chat
CHANNELS: dict[str, Callable[[PlatformClient], Any]] = {
    "official": lambda client: WeChatChannel(client, SITE, clickable=True),
    "menus": lambda client: WeChatChannel(client, SITE, menus=True),
    "mini": lambda client: WeChatMiniChannel(client, SITE, version="trial"),
    "program": lambda client: WeChatProgram(client, *_NOTHING, version="developer"),
}
_BOTH = [
    pytest.param(made, call, id=f"{kind}, {what}")
    for kind, made in CHANNELS.items()
    for what, call in CALLS.items()
    if call.rung in made(cast(PlatformClient, None)).rungs
]


@pytest.mark.parametrize(("made", "call"), _BOTH)
def test_a_call_is_byte_by_byte_the_one_that_the_channel_makes(
    client: PlatformClient,
    platform: Platform,
    made: Callable[[PlatformClient], Any],
    call: Outgoing,
) -> None:
    channel = made(client)
    over(channel, client, platform, lambda road: road.send(call))
    if call.filled:
        channel.send_filled(PERSON, call.filled, call.key, 5.0)
    else:
        channel.send(PERSON, call.reply, call.key, 5.0)
    ours, theirs = sends(platform)
    assert (ours.path, ours.query, ours.body) == (theirs.path, theirs.query, theirs.body)
    assert b"\\u" not in ours.body


def test_the_id_that_receipts_name_is_told_in_full(
    channel: WeChatChannel, client: PlatformClient, platform: Platform
) -> None:
    platform.says(SENDS, SENT)
    found = over(channel, client, platform, lambda road: road.send(filled()))
    assert found == Result(sent_as="4151712637460643841")


def test_a_menu_that_the_account_may_not_send_goes_as_a_text(
    client: PlatformClient, platform: Platform
) -> None:
    channel = WeChatChannel(client, SITE, menus=True)
    platform.says(CUSTOM, {"errcode": 40200, "errmsg": "no"}, {"errcode": 0})
    ledger = OpenWindow()
    assert over(channel, client, platform, lambda r: r.send(chat(ASKING)), ledger) == Result()
    assert [call.json["msgtype"] for call in sends(platform)] == ["msgmenu", "text"]
    assert ledger.told == []


def test_only_templates_are_known_by_their_key(
    channel: WeChatChannel, client: PlatformClient, platform: Platform
) -> None:
    async def ask(road: WeChatRoad) -> list[bool]:
        return [road.keyed("template"), road.keyed("subscription"), road.keyed("chat")]

    assert over(channel, client, platform, ask) == [True, False, False]


# --- what is refused, and what nobody knows ---


def both(channel: WeChatChannel, client: PlatformClient, platform: Platform) -> tuple[Any, Any]:
    """How the road and the channel tell the same end."""
    ours = over(channel, client, platform, lambda road: road.send(chat()), seconds=0.6)
    platform.says(CUSTOM, platform.answers[CUSTOM][-1])
    with pytest.raises(SendError) as theirs:
        channel.send(PERSON, PLAIN, "k", 0.6)
    error = theirs.value
    return (ours.reason, ours.wait), (error.reason, error.wait)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"errcode": 45015, "errmsg": "out of window rid: 1-2"}, "window"),
        ({"errcode": "45047", "errmsg": "used up"}, "window"),
        ({"errcode": 43004, "errmsg": "not following"}, "permanent"),
        ({"errcode": 48001, "errmsg": "no right"}, "account"),
        ({"errcode": 47003, "errmsg": "data.thing2.value invalid"}, "bug"),
        ({"errcode": 45009, "errmsg": "quota"}, "quota"),
        ({"errcode": 45011, "errmsg": "minute"}, "transient"),
        ({"errcode": -1, "errmsg": "busy"}, "transient"),
        ({"errcode": 99999, "errmsg": "new"}, "transient"),
        (status(500), "transient"),
        (status(504), "unknown"),
        (status(404), "account"),
        (redirect, "account"),
        (page, "unknown"),
        (hang_up, "unknown"),
        (hang, "unknown"),
        (drip, "unknown"),
        (b"{" * 100, "unknown"),
    ],
)
def test_a_refusal_means_what_it_means_to_the_channel(
    channel: WeChatChannel,
    client: PlatformClient,
    platform: Platform,
    answer: Answer,
    reason: str,
) -> None:
    platform.says(CUSTOM, answer)
    ours, theirs = both(channel, client, platform)
    assert ours == theirs
    assert ours[0] == reason


def test_an_answer_without_an_end_is_unknown(
    channel: WeChatChannel, client: PlatformClient, platform: Platform
) -> None:
    platform.says(SENDS, b"{" + b" " * 100_000 + b"}")
    found = over(channel, client, platform, lambda road: road.send(filled()))
    assert (found.reason, found.detail) == ("unknown", "too large")


def test_a_platform_that_is_away_was_not_called(
    channel: WeChatChannel, client: PlatformClient, platform: Platform
) -> None:
    over(channel, client, platform, lambda road: road.send(chat()))  # the token is there

    class Nowhere:
        address = "http://127.0.0.1:9"

    nowhere: Any = Nowhere()
    found = over(channel, client, nowhere, lambda road: road.send(filled()))
    assert (found.reason, found.detail) == ("transient", "no connection: ConnectionRefusedError")


def test_what_the_platform_would_refuse_is_not_sent(
    channel: WeChatChannel, client: PlatformClient, platform: Platform
) -> None:
    bad = Filled("template", "T1", {"name1": "陈国强"})
    found = over(channel, client, platform, lambda road: road.send(filled(bad)))
    assert found.reason == "bug"
    assert "陈国强" not in found.detail
    assert platform.calls == []


def test_a_fault_of_our_own_is_told_and_stops_nothing(
    channel: WeChatChannel, client: PlatformClient, platform: Platform
) -> None:
    wrong = Outgoing("k", None, "template", None, None)
    found = over(channel, client, platform, lambda road: road.send(wrong))
    assert found == Result("bug", "AssertionError")


# --- windows ---


def test_a_closed_window_costs_no_call(
    channel: WeChatChannel, client: PlatformClient, platform: Platform
) -> None:
    shut = OpenWindow("closed")
    found = over(channel, client, platform, lambda road: road.send(chat()), shut)
    assert found == Result("window", "closed")
    assert sends(platform) == []
    assert over(channel, client, platform, lambda r: r.send(filled()), shut).reason == ""


@pytest.mark.parametrize(
    ("answer", "told"),
    [({"errcode": 45015}, ["close"]), ({"errcode": -1}, ["give back"]), (hang_up, []), (SENT, [])],
)
def test_the_ledger_hears_what_became_of_a_message(
    channel: WeChatChannel,
    client: PlatformClient,
    platform: Platform,
    answer: Answer,
    told: list[str],
) -> None:
    platform.says(CUSTOM, answer)
    ledger = OpenWindow()
    over(channel, client, platform, lambda road: road.send(chat()), ledger)
    assert ledger.told == told


# --- the token ---


def test_all_calls_in_flight_share_one_token_and_one_renewal(
    channel: WeChatChannel, client: PlatformClient, platform: Platform
) -> None:
    async def many(road: WeChatRoad) -> list[Result]:
        first = await asyncio.gather(*(road.send(filled(key=f"p1-{n}")) for n in range(30)))
        platform.tokens += 1  # the platform knows another one now
        platform.same_token = True
        return [
            *first,
            *await asyncio.gather(*(road.send(filled(key=f"p2-{n}")) for n in range(30))),
        ]

    results = over(channel, client, platform, many)
    assert results == [Result()] * 60
    counted = platform.counted()
    assert counted["stable_token"] == 2
    assert counted["message/template/send"] == 90, "each was sent once more"


def test_a_token_that_stays_refused_is_asked_for_once(
    channel: WeChatChannel, client: PlatformClient, platform: Platform
) -> None:
    platform.says(SENDS, {"errcode": 40001, "errmsg": "invalid credential"})

    async def many(road: WeChatRoad) -> list[Result]:
        return await asyncio.gather(*(road.send(filled(key=f"p1-{n}")) for n in range(20)))

    results = over(channel, client, platform, many)
    assert {result.reason for result in results} == {"transient"}
    assert platform.counted()["stable_token"] <= 3
    assert platform.counted()["message/template/send"] == 40


def test_a_neighbours_token_is_used_before_a_new_one_is_asked_for(
    channel: WeChatChannel, client: PlatformClient, platform: Platform, redis: Redis
) -> None:
    async def go(road: WeChatRoad) -> list[Result]:
        before = await road.send(filled())
        platform.tokens += 1
        platform.same_token = True
        neighbour = AccessTokens(redis, APP_ID, KEYS)
        beside = PlatformClient(APP_ID, SECRET, neighbour, api_base=platform.address)
        await asyncio.to_thread(beside.renewed_token, "token-1")
        asked = platform.counted()["stable_token"]
        after = await road.send(filled())
        assert platform.counted()["stable_token"] == asked
        return [before, after]

    assert over(channel, client, platform, go) == [Result(), Result()]


def test_a_refused_secret_stops_all_calls_for_a_while(
    channel: WeChatChannel, client: PlatformClient, platform: Platform
) -> None:
    platform.says(_TOKEN, {"errcode": 40125, "errmsg": "invalid appsecret"})

    async def go(road: WeChatRoad) -> list[Result]:
        return [await road.send(filled()) for _ in range(3)]

    assert [found.reason for found in over(channel, client, platform, go)] == ["account"] * 3
    assert len(platform.calls) == 1


def test_a_call_that_is_given_up_lets_the_token_come_for_the_others(
    channel: WeChatChannel, client: PlatformClient, platform: Platform
) -> None:
    async def go(road: WeChatRoad) -> Result:
        first = asyncio.create_task(road.send(filled(key="p1-1")))
        second = asyncio.create_task(road.send(filled(key="p1-2")))
        await asyncio.sleep(0)
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        return await second

    assert over(channel, client, platform, go) == Result()
    assert [call.json["client_msg_id"] for call in sends(platform)] == ["p1-2"]


def test_neither_token_nor_message_stands_in_a_log(
    channel: WeChatChannel,
    client: PlatformClient,
    platform: Platform,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)

    def broken(*_: Any) -> Any:
        raise RuntimeError("https://api/?access_token=token-1")

    async def go(road: WeChatRoad) -> list[Result]:
        found = [await road.send(filled())]
        platform.says(SENDS, {"errcode": 48001, "errmsg": "token-1 陈国强 rid: 5-6"})
        found.append(await road.send(filled()))
        monkeypatch.setattr(wechat_road, "understood_json", broken)
        found.append(await road.send(filled()))
        return found

    results = over(channel, client, platform, go)
    assert [found.reason for found in results] == ["", "account", "unknown"]
    out, err = capfd.readouterr()
    told = "".join([out, err, caplog.text, *map(repr, results), repr(filled())])
    for secret in (SECRET, "token-1", "陈国强", "YZ2611230001", PERSON.user):
        assert secret not in told
    assert "road stumbled" in told
    assert json.loads(sends(platform)[0].body)["touser"] == PERSON.user
