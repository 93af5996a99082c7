"""Texts and numbers in a script's request for an event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Asked = Mapping[str, Any]


class BadEvent(ValueError):
    """A request for an event that cannot be."""


def text(asked: Asked, name: str, default: str = "") -> str:
    """A text among the request's values. Raises `BadEvent`."""
    value = asked.get(name, default)
    if not isinstance(value, str):
        raise BadEvent(f"{name} is a text")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise BadEvent(f"{name} holds half a character") from error
    return value


def number(asked: Asked, name: str, default: float = 0) -> float:
    """A number among the request's values. Raises `BadEvent`."""
    value = asked.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadEvent(f"{name} is a number")
    return value
