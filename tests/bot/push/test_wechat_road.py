"""The road to WeChat: the same on the wire as the channel, and the same ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from bot.channels.wechat.channel import WeChatChannel, WeChatMiniChannel
from bot.channels.wechat.client import PlatformClient
from bot.channels.wechat.program import WeChatProgram
from bot.ports import Filled, SendError
from bot.push.ports import Outgoing, Result
from bot.push.wechat_road import WeChatRoad
from tests.bot.channels.wechat.accounts import PERSON
from tests.bot.channels.wechat.platform import (
    Answer,
    Platform,
    drip,
    hang,
    hang_up,
    page,
    redirect,
    status,
)
from tests.bot.push.wechat_rig import (
    ASKING,
    CUSTOM,
    PLAIN,
    SENDS,
    SENT,
    SITE,
    SUBSCRIBED,
    VALUES,
    OpenWindow,
    chat,
    filled,
    over,
    sends,
)

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


@pytest.mark.parametrize("told", ["7" * 65, "7\x00", "7 8", [7], {}])
def test_an_id_that_no_receipt_can_name_is_none(
    channel: WeChatChannel, client: PlatformClient, platform: Platform, told: Any
) -> None:
    """The records could not hold it, nor the ends that are written with it."""
    platform.says(SENDS, {**SENT, "msgid": told})
    assert over(channel, client, platform, lambda road: road.send(filled())) == Result()


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
