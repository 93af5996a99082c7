"""Single elements of a push, whatever the platform puts in their place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.channels.wechat.parsing import Fields


def text_of(fields: Fields, name: str) -> str:
    """The text of an element; empty where it is missing, or holds elements."""
    value = fields.get(name, "")
    return value if isinstance(value, str) else ""


def name_in(fields: Fields, name: str) -> str:
    """A name of the platform's own in lower case: it writes CLICK, subscribe and `Event`."""
    return text_of(fields, name).strip().lower()


def inner(fields: Fields, name: str) -> Fields:
    """The elements inside an element; none where it holds a text or is missing."""
    value = fields.get(name)
    return value if isinstance(value, Mapping) else {}


def listed(value: Any) -> list[Fields]:
    """Elements of which there may be several: one is an object, more are an array, in JSON, and in
    XML a repeated element."""
    several = value if isinstance(value, list) else [value]
    return [one for one in several if isinstance(one, Mapping)]
