"""The values of an approved wording, made ready to be sent: what Alipay would refuse never leaves.

It refuses a whole message for one value. The limits stand in `config.field_limits`, which the
wordings of `templates.toml` are held against at start as well.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from bot.channels.alipay.errors import GatewayError, Kind
from config.field_limits import LONGEST_KEYWORD, alipay_fault_of

NOTHING = "—"
"""What stands in a field of which there is nothing to say: an empty one is refused."""

_BREAKS = ("Cc", "Zl", "Zp", "Cs")


def sendable(values: Mapping[str, str]) -> dict[str, str]:
    """The values on one line each, shortened by … to what a field holds.

    Raises GatewayError(BUG) for a field that there is none of, naming it and never its value.
    """
    return {key: _sendable(key, value) for key, value in values.items()}


def _sendable(key: str, value: str) -> str:
    kept = (" " if unicodedata.category(sign) in _BREAKS else sign for sign in value)
    text = re.sub(r"\s+", " ", "".join(kept)).strip()
    if len(text) > LONGEST_KEYWORD:
        text = f"{text[: LONGEST_KEYWORD - 1]}…"
    text = text or NOTHING
    if fault := alipay_fault_of(key, text):
        raise GatewayError(Kind.BUG, f"{_named(key)}: {fault}")
    return text


def _named(key: str) -> str:
    return re.sub(r"\W", "", key)[:32]
