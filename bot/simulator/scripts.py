"""What scripts send: the people they name, and the JSON of what they want."""

from __future__ import annotations

import re
from collections.abc import Mapping
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
