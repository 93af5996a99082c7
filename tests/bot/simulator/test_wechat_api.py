"""The platform's API enforces tokens, windows and formats with its real errcodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from bot.simulator.server import RunningSimulator
from tests.bot.simulator.account import JPEG, Account
from tests.bot.simulator.conftest import Clock, Phone
from tests.bot.simulator.webhook import Webhook

Run = Callable[..., RunningSimulator]


def test_a_token_is_needed_and_dies(account: Account, phone: Phone, clock: Clock) -> None:
    phone.say("你好")
    assert account.text(phone.openid) == 0
    clock.forward(seconds=7201)
    assert account.text(phone.openid) == 42001
    account.token = "made-up"
    assert account.text(phone.openid) == 40001
    account.token = ""
    assert account.text(phone.openid) == 41001


def test_the_stable_token_stays_the_same_until_it_is_forced(account: Account, clock: Clock) -> None:
    first = account.stable()["access_token"]
    assert first == account.token
    assert account.stable(force_refresh=True)["errcode"] == 45011
    clock.forward(seconds=31)
    second = account.stable(force_refresh=True)["access_token"]
    assert second != first
    assert account.text("nobody") == 40001
    clock.forward(seconds=7000)
    assert account.stable()["access_token"] != second


def test_a_plain_token_kills_the_one_before_within_five_minutes(
    account: Account, clock: Clock
) -> None:
    account.token = account.fetch()["access_token"]
    account.fetch()
    assert account.text("nobody") == 40003
    clock.forward(seconds=301)
    assert account.text("nobody") == 42001


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"grant_type": "x"}, 40002),
        ({"appid": ""}, 41002),
        ({"appid": "wx"}, 40013),
        ({"secret": ""}, 41004),
        ({"secret": "x"}, 40125),
    ],
)
def test_tokens_are_for_the_right_account(
    account: Account, change: dict[str, str], errcode: int
) -> None:
    assert account.fetch(**change)["errcode"] == errcode
    answer = account.stable(**change)
    assert answer["errcode"] == errcode
    assert "rid: " in answer["errmsg"]


def test_all_tokens_can_be_killed(account: Account) -> None:
    requests.delete(f"{account.url}/simulator/api/wechat/tokens", timeout=5)
    assert account.text("nobody") == 40001


def test_five_messages_in_48_hours_and_not_one_more(
    account: Account, phone: Phone, clock: Clock
) -> None:
    phone.say("你好")
    assert [account.text(phone.openid) for _ in range(6)] == [0, 0, 0, 0, 0, 45047]
    phone.say("在吗")
    assert account.text(phone.openid) == 0
    clock.forward(hours=48, seconds=1)
    account.token = account.stable()["access_token"]
    assert account.text(phone.openid) == 45015


def test_the_window_follows_the_shifted_clock(account: Account, phone: Phone) -> None:
    phone.say("你好")
    url = f"{account.url}/simulator/api/clock"
    shifted = requests.put(url, json={"shift_seconds": 49 * 3600}, timeout=5).json()
    assert shifted["shift_seconds"] == 49 * 3600
    account.token = account.stable()["access_token"]
    assert account.text(phone.openid) == 45015
    assert requests.put(url, json={"shift_seconds": "x"}, timeout=5).status_code == 400
    requests.put(url, json={"shift_seconds": 0}, timeout=5)
    assert account.text(phone.openid) == 0


def test_a_click_opens_three_messages_for_a_minute(
    account: Account, phone: Phone, clock: Clock
) -> None:
    phone.send(type="event", event="subscribe")
    clock.forward(minutes=2)
    phone.send(type="event", event="CLICK", key="apply")
    assert [account.text(phone.openid) for _ in range(4)] == [0, 0, 0, 45047]
    clock.forward(minutes=1, seconds=1)
    assert account.text(phone.openid) == 45015


def test_a_click_adds_nothing_to_what_a_message_opened(account: Account, phone: Phone) -> None:
    phone.say("你好")
    phone.send(type="event", event="CLICK", key="apply")
    assert [account.text(phone.openid) for _ in range(6)] == [0, 0, 0, 0, 0, 45047]


def test_who_left_or_never_came_is_not_reached(account: Account, phone: Phone) -> None:
    assert account.text(phone.openid) == 40003
    phone.say("你好")
    phone.send(type="event", event="unsubscribe")
    assert account.text(phone.openid) == 45015


def test_what_is_sent_is_shown(account: Account, phone: Phone) -> None:
    phone.say("你好")
    media_id = account.upload(JPEG)["media_id"]
    assert account.text(phone.openid, "选一个：\n1 办卡\n0 返回 · 9 人工") == 0
    assert account.send(phone.openid, image={"media_id": media_id}) == 0
    menu = {
        "head_content": "满意吗",
        "list": [{"id": "a", "content": "满意"}],
        "tail_content": "谢",
    }
    assert account.send(phone.openid, msgmenu=menu) == 0
    article = {"title": "题", "url": "https://example.invalid/"}
    assert account.send(phone.openid, news={"articles": [article]}) == 0
    text, image, options, link = phone.read()[-4:]
    assert {m["via"] for m in (text, image, options, link)} == {"custom"}
    assert text["options"] == [{"key": "1", "label": "办卡"}]
    assert requests.get(account.url + image["media"], timeout=5).content == JPEG
    assert options["options"] == [{"key": "a", "label": "满意"}]
    assert link["text"] == "题\nhttps://example.invalid/"


@pytest.mark.parametrize(
    ("message", "errcode"),
    [
        ({"text": {"content": "好" * 683}}, 45002),
        ({"text": {"content": ""}}, 44004),
        ({"text": {"content": 5}}, 44004),
        ({"image": {"media_id": "none"}}, 40007),
        ({"hologram": {}}, 40008),
        ({"text": "您好"}, 40008),
        ({"news": {"articles": []}}, 44003),
        ({"news": {"articles": [{}, {}]}}, 45008),
        ({"msgmenu": {"list": 1}}, 47001),
        ({"msgmenu": {"list": []}}, 45098),
    ],
)
def test_a_message_that_is_wrong_is_refused_and_costs_nothing(
    account: Account, phone: Phone, message: dict[str, Any], errcode: int
) -> None:
    phone.say("你好")
    assert account.send(phone.openid, **message) == errcode
    assert [account.text(phone.openid) for _ in range(6)] == [0, 0, 0, 0, 0, 45047]


def test_a_text_of_2048_bytes_is_the_longest(account: Account, phone: Phone) -> None:
    phone.say("你好")
    assert account.text(phone.openid, "好" * 682 + "ab") == 0
    assert account.text(phone.openid, "好" * 682 + "abc") == 45002


@pytest.mark.parametrize(
    ("body", "errcode"),
    [(b"", 44002), (b"{", 47001), (b"[]", 47001), (b'{"touser": "\\u597d"}', 40033)],
)
def test_a_body_that_is_not_raw_utf8_json_is_refused(
    account: Account, body: bytes, errcode: int
) -> None:
    assert account.call("message/custom/send", body) == errcode


def test_typing_is_taken(account: Account, phone: Phone) -> None:
    phone.say("你好")
    known = {"touser": phone.openid}
    assert account.post("message/custom/typing", {**known, "command": "Typing"})["errcode"] == "0"
    assert account.post("message/custom/typing", {**known, "command": "CancelTyping"})["errmsg"]
    wrong = account.post("message/custom/typing", {**known, "command": "Sing"})
    assert wrong["errcode"] == "47001"
    nobody = account.post("message/custom/typing", {"touser": "o", "command": "Typing"})
    assert nobody["errcode"] == "40003"


def test_media_live_three_days_and_are_pictures(
    account: Account, phone: Phone, clock: Clock
) -> None:
    assert account.upload(b"<html>")["errcode"] == 40004
    assert account.upload(b"")["errcode"] == 44001
    assert account.upload(JPEG, "hologram")["errcode"] == 40004
    assert account.call("media/upload", b"", type="image") == 41005
    media_id = account.upload(JPEG)["media_id"]

    def get() -> requests.Response:
        params = {"access_token": account.token, "media_id": media_id}
        return requests.get(f"{account.url}/cgi-bin/media/get", params=params, timeout=5)

    assert get().content == JPEG
    assert get().headers["Content-Disposition"] == 'attachment; filename="media.jpeg"'
    clock.forward(days=3, seconds=1)
    account.token = account.stable()["access_token"]
    assert get().json()["errcode"] == 40007


def test_a_restart_keeps_chats_tokens_and_windows(run: Run, webhook: Webhook) -> None:
    first = run(webhook)
    phone = Phone(first)
    phone.say("你好")
    account = Account(first.url)
    account.token = account.stable()["access_token"]
    before = phone.read()
    second = run(webhook)
    assert Phone(second).read() == before
    account.url = second.url
    assert account.text(phone.openid) == 0
