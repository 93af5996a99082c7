"""The life account's menu, checked by the published limits, then shown on the phone.

Source: docs.open.alipay.com (2014): four buttons in the bar with names of four Chinese letters,
five below each with twelve, parameters of 255 letters, two keys that are the platform's own.
Today's limits are not published.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.simulator.alipay.refusals import business, invalid
from bot.simulator.store import Store

TOP, SUB = 4, 5
NAME, SUB_NAME, PARAM = 4, 12, 255
TYPES = ("out", "link", "tel", "map", "consumption")
RESERVED = ("authentication", "delete")


class Menus:
    """The published menu of the one account."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def create(self, biz: Mapping[str, Any]) -> dict[str, str]:
        """`alipay.open.public.menu.create`: works once. Raises `Refusal`."""
        shown = _read(biz)
        if self.get() is not None:
            raise business("MENU_ALREADY_EXIST")
        return self._keep(shown)

    def modify(self, biz: Mapping[str, Any]) -> dict[str, str]:
        """`alipay.open.public.menu.modify`. Raises `Refusal`."""
        shown = _read(biz)
        if self.get() is None:
            raise business("MENU_NOT_EXIST")
        return self._keep(shown)

    def query(self) -> dict[str, str]:
        """`alipay.open.public.menu.query`: the menu as JSON text. Raises `Refusal`."""
        buttons = self.get()
        if buttons is None:
            raise business("MENU_NOT_EXIST")
        return {"menu_content": json.dumps({"button": buttons}, ensure_ascii=False)}

    def get(self) -> list[dict[str, Any]] | None:
        """The published buttons, or None before any were."""
        row = self._store.row("SELECT value FROM facts WHERE name = 'menu'")
        return json.loads(row["value"]) if row else None

    def _keep(self, shown: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        self._store.write(
            "INSERT OR REPLACE INTO facts VALUES('menu', ?)",
            json.dumps(shown, ensure_ascii=False),
        )
        return {"menu_key": "default"}


def width(name: str) -> float:
    """How many Chinese letters wide a name is: a Latin one is half as wide."""
    return sum(1.0 if ord(letter) > 0x7F else 0.5 for letter in name)


def _read(biz: Mapping[str, Any]) -> list[dict[str, Any]]:
    if biz.get("type", "text") not in ("text", "icon"):
        raise invalid(detail="type无效")
    return [_top(button) for button in _buttons(biz.get("button"), TOP)]


def _buttons(asked: object, most: int) -> list[Mapping[str, Any]]:
    if not isinstance(asked, list) or not 1 <= len(asked) <= most:
        raise invalid(detail="菜单个数无效")
    if not all(isinstance(button, Mapping) for button in asked):
        raise invalid(detail="菜单无效")
    return asked


def _top(button: Mapping[str, Any]) -> dict[str, Any]:
    name = _name(button, NAME)
    if button.get("sub_button"):
        below = _buttons(button["sub_button"], SUB)
        return {"name": name, "sub_button": [_below(one) for one in below]}
    return {"name": name, **_acts(button), "sub_button": []}


def _below(button: Mapping[str, Any]) -> dict[str, Any]:
    if button.get("sub_button"):
        raise invalid(detail="菜单层级无效")
    return {"name": _name(button, SUB_NAME), **_acts(button), "sub_button": []}


def _name(button: Mapping[str, Any], most: int) -> str:
    name = button.get("name")
    if not isinstance(name, str) or not name or width(name) > most:
        raise invalid(detail="菜单名称无效")
    return name


def _acts(button: Mapping[str, Any]) -> dict[str, Any]:
    kind, param = button.get("action_type"), button.get("action_param")
    if kind not in TYPES:
        raise invalid(detail="菜单类型无效")
    if not isinstance(param, str) or not 1 <= len(param) <= PARAM:
        raise invalid(detail="菜单参数无效")
    if kind == "link" and not param.startswith(("http://", "https://", "alipays://")):
        raise invalid(detail="菜单链接无效")
    if kind == "out" and param in RESERVED:
        raise invalid(detail="菜单参数是保留字")
    return {"action_type": kind, "action_param": param}
