"""The names by which scripts call people."""

from __future__ import annotations

import re

from bot.simulator.sent import BadMessage

_OPENID = re.compile(r"[\w-]{1,128}", re.ASCII)


def script_user(openid: str) -> str:
    """The openid, checked. Raises `BadMessage`."""
    if not _OPENID.fullmatch(openid):
        raise BadMessage("an openid holds letters, digits, _ and -")
    return openid
