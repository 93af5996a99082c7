"""The menu below the chat: the platform's JSON, published once, and what a refusal says."""

from __future__ import annotations

import pytest

from bot.channels.menu_change import MenuChange
from bot.channels.wechat.client import PlatformClient
from bot.channels.wechat.menu import normal, publish_menu, wanted_menu
from config.city import load_city
from config.city_menu import MenuButton, MenuItem
from tests.bot.channels.wechat.platform import Platform

_GET, _CREATE = "/cgi-bin/menu/get", "/cgi-bin/menu/create"
_SITE = "https://card.example"
_MENU = (
    MenuButton("办卡", key="apply"),
    MenuButton(
        "更多", buttons=(MenuItem("官网", path="/"), MenuItem("局里", url="https://o.example/"))
    ),
    MenuButton("小程序", mini_page="pages/index", path="/apply"),
)


def _shown(*buttons: dict[str, object]) -> dict[str, object]:
    """As `menu/get` answers."""
    return {"menu": {"button": list(buttons)}}


def _publish(client: PlatformClient, *, dry_run: bool = False) -> MenuChange:
    return publish_menu(client, wanted_menu(_MENU, _SITE, "wx9"), dry_run=dry_run)


def test_a_citys_menu_is_what_the_platform_takes() -> None:
    assert wanted_menu(_MENU, f"{_SITE}/", "wx9") == {
        "button": [
            {"type": "click", "name": "办卡", "key": "apply"},
            {
                "name": "更多",
                "sub_button": [
                    {"type": "view", "name": "官网", "url": f"{_SITE}/"},
                    {"type": "view", "name": "局里", "url": "https://o.example/"},
                ],
            },
            {
                "type": "miniprogram",
                "name": "小程序",
                "url": f"{_SITE}/apply",
                "appid": "wx9",
                "pagepath": "pages/index",
            },
        ]
    }


def test_without_a_mini_program_its_button_opens_the_site() -> None:
    *_, last = wanted_menu(_MENU, _SITE, "")["button"]
    assert last == {"type": "view", "name": "小程序", "url": f"{_SITE}/apply"}


def test_an_address_that_is_too_long_with_the_site_before_it_is_told() -> None:
    menu = (MenuButton("官网", path="/" + "p" * 1020),)
    with pytest.raises(ValueError, match=r"menu\.官网: its address has more than 1024 bytes"):
        wanted_menu(menu, _SITE, "")


def test_a_menu_is_published_where_there_is_none(
    client: PlatformClient, platform: Platform
) -> None:
    platform.says(_GET, {"errcode": 46003, "errmsg": "menu no exist"})
    change = _publish(client)
    assert (change.published, change.same, change.fault) == (True, False, "")
    assert platform.calls[-1].path == _CREATE
    assert platform.calls[-1].json == wanted_menu(_MENU, _SITE, "wx9")
    assert "办卡".encode() in platform.calls[-1].body


def test_a_menu_that_is_shown_already_is_left_alone(
    client: PlatformClient, platform: Platform
) -> None:
    buttons = wanted_menu(_MENU, _SITE, "wx9")["button"]
    # What the platform adds: an empty list below each button, and its own order of keys.
    buttons = [{"sub_button": [], **button} for button in buttons]
    buttons[1]["sub_button"] = [{**item, "sub_button": []} for item in buttons[1]["sub_button"]]
    platform.says(_GET, _shown(*buttons))
    change = _publish(client)
    assert (change.same, change.published) == (True, False)
    assert change.difference() == []
    assert platform.counted()["menu/create"] == 0


def test_a_dry_run_shows_the_difference_and_publishes_nothing(
    client: PlatformClient, platform: Platform
) -> None:
    platform.says(_GET, _shown({"type": "click", "name": "旧的", "key": "apply"}))
    change = _publish(client, dry_run=True)
    assert platform.counted()["menu/create"] == 0
    said = "\n".join(change.difference())
    assert '-      "name": "旧的"' in said
    assert '+      "name": "办卡"' in said
    assert not change.same


def test_what_older_accounts_show_is_read_too() -> None:
    below = {"list": [{"type": "click", "name": "查", "key": "progress"}]}
    assert normal({"button": [{"name": "更多", "sub_button": below}]}) == {
        "button": [
            {"name": "更多", "sub_button": [{"type": "click", "name": "查", "key": "progress"}]}
        ]
    }
    assert normal({"button": "?"}) == {"button": []}


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (40016, "three buttons"),
        (40017, "five buttons"),
        (40018, "16 bytes in the bar"),
        (40019, "128 bytes"),
        (48001, "verify it in the console"),
        (40164, "IP list"),
        (45009, "midnight in Beijing"),
    ],
)
def test_a_refused_menu_says_what_to_do(
    client: PlatformClient, platform: Platform, code: int, says: str
) -> None:
    platform.says(_CREATE, {"errcode": code, "errmsg": "no"})
    change = _publish(client)
    assert (change.published, change.fault) == (False, str(code))
    assert says in change.remedy


def test_where_the_menu_cannot_be_read_none_is_published(
    client: PlatformClient, platform: Platform
) -> None:
    platform.says(_GET, {"errcode": 48001, "errmsg": "api unauthorized"})
    change = _publish(client)
    assert change.fault == "48001"
    assert platform.counted()["menu/create"] == 0


def test_the_shipped_menu_fits_the_platform() -> None:
    menu = wanted_menu(load_city().menu, _SITE, "")
    assert [button["name"] for button in menu["button"]] == ["办卡", "查询", "我的"]
