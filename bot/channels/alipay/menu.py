"""The menu of the life account: from the city's profile to Alipay's JSON, and published.

Source of the limits: docs.open.alipay.com, 菜单 (2014); today's are not published. A menu is
created once and modified from then on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.channels.alipay.errors import GatewayError, Kind
from bot.channels.alipay.gateway import Gateway
from bot.channels.alipay.remedies import remedy
from bot.channels.menu_change import Json, MenuChange
from config.city_menu import MenuButton, MenuItem

CREATE = "alipay.open.public.menu.create"
MODIFY = "alipay.open.public.menu.modify"
QUERY = "alipay.open.public.menu.query"

MOST_BUTTONS, MOST_BELOW = 4, 5
NAME, NAME_BELOW = 4, 12  # Chinese characters; two others are as wide as one
PARAM = 255
RESERVED = ("authentication", "delete")
"""Keys that are the platform's own: they bind and unbind."""


def wanted_menu(menu: Sequence[MenuButton], site: str) -> Json:
    """The city's menu as Alipay takes it. `site`: the address before paths. A page of WeChat's
    mini program is left for its page of the site. Raises ValueError for what Alipay would refuse.
    """
    if faults := list(_faults(menu, site)):
        raise ValueError("\n".join(faults))
    return {
        "button": [
            {"name": button.name, "sub_button": [_button(item, site) for item in button.buttons]}
            if button.buttons
            else _button(button, site)
            for button in menu
        ]
    }


def publish_menu(gateway: Gateway, wanted: Json, *, dry_run: bool = False) -> MenuChange:
    """Show this menu unless it is shown already. Never raises for a refusal: see `fault`."""
    shown: Json | None = None
    try:
        shown = published_menu(gateway)
        change = MenuChange(wanted, shown)
        if change.same or dry_run:
            return change
        _publish(gateway, wanted, exists=shown is not None)
    except GatewayError as fault:
        return MenuChange(wanted, shown, fault=fault.detail, remedy=remedy(fault))
    return MenuChange(wanted, shown, published=True)


def published_menu(gateway: Gateway) -> Json | None:
    """What is shown now, written as we write it; None where there is none. By which code Alipay
    says so is not published: any refusal of its own for good counts as it."""
    try:
        told = gateway.call(QUERY, repeatable=True)
    except GatewayError as fault:
        if fault.kind is Kind.REFUSED:
            return None
        raise
    return normal(told.get("menu_content"))


def normal(content: Any) -> Json | None:
    """The menu in an answer, which comes as JSON in a text; None where there is none."""
    try:
        read = json.loads(content) if isinstance(content, str) else content
    except ValueError:
        return None
    buttons = read.get("button") if isinstance(read, dict) else None
    if not isinstance(buttons, list) or not buttons:
        return None
    return {"button": [_normal(button) for button in buttons if isinstance(button, dict)]}


def _publish(gateway: Gateway, wanted: Json, *, exists: bool) -> None:
    """Shown by either call, it is the same: both may be repeated."""
    if not exists:
        try:
            gateway.call(CREATE, wanted, repeatable=True)
            return
        except GatewayError as fault:
            if fault.kind is not Kind.REFUSED:
                raise
    gateway.call(MODIFY, wanted, repeatable=True)


def _normal(button: Mapping[str, Any]) -> Json:
    below = [item for item in button.get("sub_button") or [] if isinstance(item, dict)]
    if below:
        return {"name": button.get("name"), "sub_button": [_normal(item) for item in below]}
    return {name: button.get(name) for name in ("name", "action_type", "action_param")}


def _button(item: MenuItem, site: str) -> Json:
    kind, param = ("out", item.key) if item.key else ("link", _address(item, site))
    return {"name": item.name, "action_type": kind, "action_param": param}


def _address(item: MenuItem, site: str) -> str:
    return item.url or f"{site.rstrip('/')}{item.path}"


def _faults(menu: Sequence[MenuButton], site: str) -> Iterator[str]:
    if len(menu) > MOST_BUTTONS:
        yield f"menu: Alipay takes {MOST_BUTTONS} buttons at most"
    for button in menu:
        yield from _of_item(button, NAME, site)
        if len(button.buttons) > MOST_BELOW:
            yield f"menu.{button.name}: Alipay takes {MOST_BELOW} buttons at most below it"
        for item in button.buttons:
            yield from _of_item(item, NAME_BELOW, site)


def _of_item(item: MenuItem, most: int, site: str) -> Iterator[str]:
    if _width(item.name) > most:
        yield f"menu.{item.name}: Alipay takes {most} Chinese characters at most"
    if item.key in RESERVED:
        yield f"menu.{item.name}: the key {item.key} is Alipay's own"
    if len(item.key or _address(item, site)) > PARAM:
        yield f"menu.{item.name}: what it does has more than {PARAM} characters"


def _width(name: str) -> float:
    return sum(1.0 if ord(sign) > 0x7F else 0.5 for sign in name)
