"""Which code points may stand in a text that travels as XML, whoever wrote it."""

from __future__ import annotations

import re

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def legal(text: str) -> str:
    """The text without the code points that XML 1.0 forbids, lone surrogates included."""
    return _ILLEGAL.sub("", text)
