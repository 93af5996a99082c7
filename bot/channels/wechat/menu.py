"""The menu below the chat: from the city's profile to the platform's JSON, and published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.channels.menu_change import Json, MenuChange
from bot.channels.wechat.client import PlatformClient
from bot.channels.wechat.errors import PlatformError
from bot.channels.wechat.remedies import remedy
from config.city_menu import URL_BYTES, MenuButton, MenuItem


def wanted_menu(menu: Sequence[MenuButton], site: str, mini_app_id: str) -> Json:
    """The city's menu as the platform takes it. `site`: the address before paths. Without a mini
    program its buttons open their page of the site. Raises ValueError: an address too long."""
    place = (site.rstrip("/"), mini_app_id)
    return {
        "button": [
            {"name": button.name, "sub_button": [_button(item, *place) for item in button.buttons]}
            if button.buttons
            else _button(button, *place)
            for button in menu
        ]
    }


def publish_menu(client: PlatformClient, wanted: Json, *, dry_run: bool = False) -> MenuChange:
    """Show this menu unless it is shown already. Never raises for a refusal: see `fault`."""
    shown: Json | None = None
    try:
        shown = normal(client.published_menu())
        change = MenuChange(wanted, shown)
        if change.same or dry_run:
            return change
        client.publish_menu(wanted)
    except PlatformError as fault:
        return MenuChange(wanted, shown, fault=fault.detail, remedy=remedy(fault))
    return MenuChange(wanted, shown, published=True)


def normal(menu: Mapping[str, Any] | None) -> Json | None:
    """What the platform shows, written as we write it: it adds empty lists, and drops nothing."""
    if menu is None:
        return None
    return {"button": [_normal(button) for button in _listed(menu.get("button"))]}


def _normal(button: Mapping[str, Any]) -> Json:
    below = _listed(button.get("sub_button"))
    if below:
        return {"name": button.get("name"), "sub_button": [_normal(item) for item in below]}
    return {name: value for name, value in button.items() if name != "sub_button"}


def _listed(value: Any) -> list[Mapping[str, Any]]:
    """The buttons in a list; older answers wrap it as {"list": […]}."""
    inner = value.get("list") if isinstance(value, dict) else value
    return [each for each in inner if isinstance(each, dict)] if isinstance(inner, list) else []


def _button(item: MenuItem, site: str, mini_app_id: str) -> Json:
    if item.key:
        return {"type": "click", "name": item.name, "key": item.key}
    url = item.url or f"{site}{item.path}"
    if len(url.encode()) > URL_BYTES:
        raise ValueError(f"menu.{item.name}: its address has more than {URL_BYTES} bytes")
    if item.mini_page and mini_app_id:
        page = {"appid": mini_app_id, "pagepath": item.mini_page}
        return {"type": "miniprogram", "name": item.name, "url": url, **page}
    return {"type": "view", "name": item.name, "url": url}
