"""The account's menu: checked as strictly as the platform checks it, then shown on the phone.

Source: developers.weixin.qq.com, 自定义菜单: 创建接口, and its errcodes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.simulator.errcodes import ApiFault
from bot.simulator.store import Store

TOP, SUB = 3, 5
NAME_BYTES, SUB_NAME_BYTES, KEY_BYTES, URL_BYTES = 16, 40, 128, 1024

_BY_KEY = (
    *("click", "scancode_push", "scancode_waitmsg", "pic_sysphoto"),
    *("pic_photo_or_album", "pic_weixin", "location_select"),
)
_BY_MEDIA = ("media_id", "view_limited", "article_id", "article_view_limited")


class Menus:
    """The published menu of one account."""

    def __init__(self, store: Store, mini_app_id: str) -> None:
        """`mini_app_id`: the one mini program that is linked with the account, "" for none."""
        self._store, self._mini_app_id = store, mini_app_id

    def create(self, menu: Mapping[str, Any]) -> None:
        """Publish a menu in place of the one before. Raises `ApiFault`, changing nothing."""
        buttons = _buttons(menu.get("button"), TOP, 40016)
        shown = [self._top(button) for button in buttons]
        self._store.write(
            "INSERT OR REPLACE INTO facts VALUES('menu', ?)",
            json.dumps(shown, ensure_ascii=False),
        )

    def get(self) -> list[dict[str, Any]] | None:
        """The published buttons, or None before any were."""
        row = self._store.row("SELECT value FROM facts WHERE name = 'menu'")
        return json.loads(row["value"]) if row else None

    def delete(self) -> None:
        """Take the menu away."""
        self._store.write("DELETE FROM facts WHERE name = 'menu'")

    def _top(self, button: Mapping[str, Any]) -> dict[str, Any]:
        name = _name(button, NAME_BYTES, 40018)
        if "sub_button" not in button or button["sub_button"] == []:
            return {"name": name, **self._acts(button, sub=False), "sub_button": []}
        below = _buttons(button["sub_button"], SUB, 40023)
        return {"name": name, "sub_button": [self._below(one) for one in below]}

    def _below(self, button: Mapping[str, Any]) -> dict[str, Any]:
        if button.get("sub_button"):
            raise ApiFault(40022)
        name = _name(button, SUB_NAME_BYTES, 40025)
        return {"name": name, **self._acts(button, sub=True), "sub_button": []}

    def _acts(self, button: Mapping[str, Any], *, sub: bool) -> dict[str, Any]:
        """What a press on the button does."""
        kind = button.get("type")
        if kind in _BY_KEY:
            key = _text(button, "key", KEY_BYTES, 40026 if sub else 40019)
            return {"type": kind, "key": key}
        if kind in _BY_MEDIA:
            raise ApiFault(40007)  # permanent media and articles, of which this account has none
        if kind not in ("view", "miniprogram"):
            raise ApiFault(40024 if sub else 40017)
        url = _text(button, "url", URL_BYTES, 40027 if sub else 40020)
        if not url.startswith(("http://", "https://")):
            raise ApiFault(40027 if sub else 40020)
        return {"type": kind, "url": url, **(self._mini(button) if kind != "view" else {})}

    def _mini(self, button: Mapping[str, Any]) -> dict[str, Any]:
        if not self._mini_app_id or button.get("appid") != self._mini_app_id:
            raise ApiFault(85005)
        if not isinstance(button.get("pagepath"), str) or not button["pagepath"]:
            raise ApiFault(41030)
        return {"appid": button["appid"], "pagepath": button["pagepath"]}


def _buttons(value: object, most: int, errcode: int) -> Sequence[Mapping[str, Any]]:
    if not isinstance(value, list) or not 1 <= len(value) <= most:
        raise ApiFault(errcode)
    if not all(isinstance(button, Mapping) for button in value):
        raise ApiFault(47001)
    return value


def _name(button: Mapping[str, Any], most: int, errcode: int) -> str:
    return _text(button, "name", most, errcode)


def _text(button: Mapping[str, Any], field: str, most: int, errcode: int) -> str:
    value = button.get(field)
    if not isinstance(value, str) or not 1 <= len(value.encode()) <= most:
        raise ApiFault(errcode)
    return value
