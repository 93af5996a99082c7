"""The account's menu is published within the platform's limits, or not at all."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.bot.simulator.account import Account
from tests.bot.simulator.conftest import Phone
from tests.bot.simulator.webhook import MINI_APP_ID

CLICK = {"type": "click", "name": "办卡", "key": "apply"}
VIEW = {"type": "view", "name": "网站", "url": "https://a.example/"}
MINI = {
    "type": "miniprogram",
    "name": "小程序",
    "url": "https://a.example/",
    "appid": MINI_APP_ID,
    "pagepath": "pages/index",
}


def sub(*buttons: dict[str, Any]) -> dict[str, Any]:
    return {"name": "服务", "sub_button": list(buttons)}


def publish(account: Account, *buttons: Any) -> int:
    return int(account.post("menu/create", {"button": list(buttons)})["errcode"])


def test_a_menu_is_published_read_shown_and_taken_away(account: Account, phone: Phone) -> None:
    assert account.get("menu/get")["errcode"] == 46003
    assert publish(account, CLICK, sub(VIEW, MINI)) == 0
    buttons = account.get("menu/get")["menu"]["button"]
    assert buttons == [
        {**CLICK, "sub_button": []},
        {"name": "服务", "sub_button": [{**VIEW, "sub_button": []}, {**MINI, "sub_button": []}]},
    ]
    assert requests.get(f"{phone.api}/menu", timeout=5).json() == {"button": buttons}
    phone.say("你好")
    feed = f"{account.url}/simulator/api/feed?openid={phone.openid}"
    assert requests.get(feed, timeout=5).json()["menu"] == buttons
    assert account.get("menu/delete")["errcode"] == 0
    assert account.get("menu/get")["errcode"] == 46003


def test_the_largest_menu_is_taken(account: Account) -> None:
    key, url = "k" * 128, "https://a.example/" + "u" * (1024 - 18)
    longest = sub(*[{**CLICK, "name": "字" * 13 + "a", "key": key}] * 4, {**VIEW, "url": url})
    assert publish(account, *[{**longest, "name": "五个汉字呀a"}] * 3) == 0


@pytest.mark.parametrize(
    ("buttons", "errcode"),
    [
        ([], 40016),
        ([CLICK] * 4, 40016),
        (["办卡"], 47001),
        ([{**CLICK, "name": "六个汉字不行"}], 40018),
        ([{**CLICK, "name": ""}], 40018),
        ([{"type": "click", "key": "k"}], 40018),
        ([{"name": "空"}], 40017),
        ([{**CLICK, "type": "dance"}], 40017),
        ([{**CLICK, "key": "k" * 129}], 40019),
        ([{**CLICK, "key": ""}], 40019),
        ([{**VIEW, "url": "https://a.example/" + "u" * 1007}], 40020),
        ([{**VIEW, "url": "javascript:alert(1)"}], 40020),
        ([{"type": "miniprogram", "name": "小程序", "appid": MINI_APP_ID}], 40020),
        ([{**MINI, "appid": "wx-another"}], 85005),
        ([{**MINI, "pagepath": ""}], 41030),
        ([{"type": "media_id", "name": "图", "media_id": "m"}], 40007),
        ([sub(sub(CLICK))], 40022),
        ([sub(*[CLICK] * 6)], 40023),
        ([sub({**CLICK, "type": "dance"})], 40024),
        ([sub({**CLICK, "name": "字" * 14})], 40025),
        ([sub({**CLICK, "key": "k" * 129})], 40026),
        ([sub({**VIEW, "url": "ftp://a.example"})], 40027),
    ],
)
def test_a_menu_over_a_limit_is_refused_and_the_old_one_stays(
    account: Account, buttons: list[Any], errcode: int
) -> None:
    assert publish(account, VIEW) == 0
    assert publish(account, *buttons) == errcode
    assert account.get("menu/get")["menu"]["button"] == [{**VIEW, "sub_button": []}]


def test_a_body_without_buttons_is_refused(account: Account) -> None:
    assert account.post("menu/create", {"menu": []})["errcode"] == 40016
    assert account.call("menu/create", b"") == 44002
    assert account.call("menu/create", b'{"button": "\\u529e"}') == 40033
