"""One kind of push: what it tells, what it must be read as, and how the platform writes it.

A row holds what stands beside the common elements; an element may hold elements, or a list of
them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.dialogue.messages import Kind
from tests.bot.channels.wechat.pushes import OPENID, fields

Told = Mapping[str, Any]


@dataclass(frozen=True)
class Row:
    """One kind of push. `kind` is None for what is only acknowledged; `name` counts it."""

    title: str  # as the documentation has it
    told: Told
    kind: Kind | None = None
    reads: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    sender: str = OPENID
    json_only: bool = False  # XML has a wrapper, and refuses an element of a name twice

    @property
    def is_event(self) -> bool:
        return "Event" in self.told

    def elements(self, **common: str) -> dict[str, Any]:
        """All elements, in the platform's order."""
        kind = "event" if self.is_event else str(self.told["MsgType"])
        own = {k: v for k, v in self.told.items() if k != "MsgType"}
        return {**fields(kind, FromUserName=self.sender), **common, **own}


def message(kind: str, title: str = "", **told: Any) -> dict[str, Any]:
    return {"title": title or kind, "told": {"MsgType": kind, **told}}


def event(name: str, title: str = "", **told: Any) -> dict[str, Any]:
    return {"title": title or name, "told": {"Event": name, **told}}


def xml(told: Told) -> bytes:
    """As the platform writes XML: numbers bare, texts in CDATA, a list as repeated elements."""
    return f"<xml>{elements(told)}</xml>".encode()


def json_body(told: Told) -> bytes:
    """As the platform writes JSON: what is a number as a number."""
    return json.dumps(numbers(told), ensure_ascii=False).encode()


def elements(told: Told, between: str = "") -> str:
    parts = []
    for name, value in told.items():
        several = value if isinstance(value, list) else [value]
        parts += [f"<{name}>{_value(one)}</{name}>" for one in several]
    return between.join(parts)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return elements(value)
    text = str(value)
    return text if text.isdigit() else f"<![CDATA[{text}]]>"


def numbers(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: numbers(one) for name, one in value.items()}
    if isinstance(value, list):
        return [numbers(one) for one in value]
    return int(value) if value.isdigit() and str(int(value)) == value else value
