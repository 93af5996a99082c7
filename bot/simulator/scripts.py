"""What scripts send: the people they name, and the JSON of what they want."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from flask import request

from bot.simulator.sent import BadMessage

_OPENID = re.compile(r"[\w-]{1,128}", re.ASCII)


class BadAccount(ValueError):
    """A state that no account can be in."""


def script_user(openid: str) -> str:
    """The openid, checked. Raises `BadMessage`."""
    if not _OPENID.fullmatch(openid):
        raise BadMessage("an openid holds letters, digits, _ and -")
    return openid


def script_body() -> Mapping[str, Any]:
    """The request's JSON object. Raises `BadAccount`."""
    asked = request.get_json(force=True, silent=True)
    if not isinstance(asked, dict):
        raise BadAccount("the body is a JSON object")
    return asked


def counts_in(asked: Mapping[str, Any], name: str, of: str) -> dict[str, int]:
    """How many `of` something, by name: an object of whole numbers. Raises `BadAccount`."""
    limits = asked.get(name, {})
    if not isinstance(limits, dict) or not all(_is_count(n) for n in limits.values()):
        raise BadAccount(f"{name} is an object of {of} and whole numbers")
    return limits


def allowance_in(asked: Mapping[str, Any], known: Collection[str]) -> dict[Any, tuple[int, float]]:
    """How many messages, and for how many seconds, each act allows. Raises `BadAccount`."""
    allowance = asked.get("allowance", {})
    if not isinstance(allowance, dict) or not set(allowance) <= set(known):
        raise BadAccount(f"allowance has {', '.join(known)}")
    for pair in allowance.values():
        if not isinstance(pair, list) or len(pair) != 2 or not all(_is_count(n) for n in pair):
            raise BadAccount("an allowance is how many messages, and seconds")
    return {name: (pair[0], float(pair[1])) for name, pair in allowance.items()}


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
