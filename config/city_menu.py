"""The menu below a chat, as a city writes it: up to three buttons, each with up to five below it.

Source of the limits: the platform's page on custom menus.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

_STRICT = ConfigDict(extra="forbid")

MOST_BUTTONS, MOST_BELOW = 3, 5
NAME_BYTES, NAME_BYTES_BELOW = 16, 40
KEY_BYTES, URL_BYTES = 128, 1024


@dataclass(frozen=True, config=_STRICT)
class MenuItem:
    """One button. It does one thing: says an intent (`key`), opens a page of ours (`path`) or of
    others (`url`), or a page of the mini program (`mini_page`, with `path` or `url` for who has
    an old WeChat)."""

    name: Annotated[str, Field(min_length=1)]
    key: str = ""
    path: Annotated[str, Field(pattern=r"^(/[!-~]*)?$")] = ""
    url: Annotated[str, Field(pattern=r"^(https?://[!-~]+)?$")] = ""
    mini_page: str = ""

    def does(self) -> int:
        """How many things it does, a mini program's page and its fallback being one."""
        if self.mini_page:
            return 1 + bool(self.key) + (bool(self.path) and bool(self.url))
        return bool(self.key) + bool(self.path) + bool(self.url)


@dataclass(frozen=True, config=_STRICT)
class MenuButton(MenuItem):
    """A button of the bar: one thing, or the buttons below it."""

    buttons: tuple[MenuItem, ...] = ()


def menu_keys(menu: Sequence[MenuButton]) -> list[str]:
    """Every intent that a button says."""
    return [item.key for button in menu for item in (button, *button.buttons) if item.key]


def menu_faults(menu: Sequence[MenuButton]) -> list[str]:
    """What the platform would refuse, and what does nothing or two things; a line each."""
    found = [f"menu: {MOST_BUTTONS} buttons at most"] if len(menu) > MOST_BUTTONS else []
    for button in menu:
        found += _of_item(button, NAME_BYTES, below=len(button.buttons))
        if len(button.buttons) > MOST_BELOW:
            found.append(f"menu.{button.name}: {MOST_BELOW} buttons at most below it")
        for item in button.buttons:
            found += _of_item(item, NAME_BYTES_BELOW)
    return found


def _of_item(item: MenuItem, name_bytes: int, below: int = 0) -> Iterator[str]:
    sizes = (("name", name_bytes), ("key", KEY_BYTES), ("url", URL_BYTES), ("path", URL_BYTES))
    for part, most in sizes:
        if len(getattr(item, part).encode()) > most:
            yield f"menu.{item.name}: its {part} has more than {most} bytes"
    if item.does() + bool(below) > 1:
        yield f"menu.{item.name}: does more than one thing"
    elif item.does() + below == 0:
        yield f"menu.{item.name}: does nothing: it needs key, path, url or buttons"
    elif item.mini_page and not (item.path or item.url):
        yield f"menu.{item.name}: mini_page needs a path or url for who cannot open it"
