"""What Alipay would refuse of a city's menu is refused here, and what it shows is read again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.channels.alipay.menu import normal, wanted_menu
from config.city import load_city
from config.city_menu import MenuButton, MenuItem

SITE = "https://card.example/"


def test_the_citys_menu_becomes_alipays() -> None:
    wanted = wanted_menu(load_city().menu, SITE)["button"]
    assert wanted[0] == {"name": "办卡", "action_type": "out", "action_param": "apply"}
    assert wanted[2]["sub_button"][3] == {
        "name": "官网",
        "action_type": "link",
        "action_param": "https://card.example/",
    }


def test_a_page_of_wechats_mini_program_is_left_for_its_page_of_the_site() -> None:
    item = MenuButton("进度", path="/progress", mini_page="pages/progress")
    (button,) = wanted_menu([item], SITE)["button"]
    assert button["action_param"] == "https://card.example/progress"


@pytest.mark.parametrize(
    ("button", "told"),
    [
        (MenuButton("五个字的名", key="apply"), "4 Chinese characters at most"),
        (MenuButton("progress x", key="apply"), "4 Chinese characters at most"),
        (
            MenuButton("查", buttons=(MenuItem("十三个字的名字真的太长了呀", key="a"),)),
            "12 Chinese",
        ),
        (MenuButton("绑定", key="authentication"), "the key authentication is Alipay's own"),
        (MenuButton("解绑", key="delete"), "the key delete is Alipay's own"),
        (MenuButton("网页", path="/" + "x" * 255), "more than 255 characters"),
    ],
)
def test_what_alipay_would_refuse_is_named(button: MenuButton, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        wanted_menu([button], SITE)


def test_four_buttons_and_names_at_their_longest_fit() -> None:
    buttons = [MenuButton(name, key="apply") for name in ("四个字的", "progress", "a", "b")]
    assert len(wanted_menu(buttons, SITE)["button"]) == 4
    with pytest.raises(ValueError, match="4 buttons at most"):
        wanted_menu([*buttons, MenuButton("c", key="apply")], SITE)


def test_what_alipay_shows_is_read_as_we_write_it() -> None:
    wanted = wanted_menu(load_city().menu, SITE)
    shown: dict[str, Any] = json.loads(json.dumps(wanted))
    for button in shown["button"]:
        button.setdefault("sub_button", [])
        button["icon"] = ""
    assert normal(json.dumps(shown)) == wanted
    assert normal(shown) == wanted


@pytest.mark.parametrize("content", [None, "", "{", "[]", "{}", '{"button":[]}', 3, {"button": 1}])
def test_what_is_no_menu_is_none(content: object) -> None:
    assert normal(content) is None
