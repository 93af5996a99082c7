"""Words that a message asks to be replied, as buttons: 请回复“同意” becomes one that says 同意.

Only words that mean something by themselves (`config/locales/words.toml`): what stands in quotes
as a pattern, like an address, is to be typed.
"""

from __future__ import annotations

import re
from functools import cache

from bot.dialogue.words import fold
from config.locales.words import word_table

TABLES = ("global", "openers", "card", "progress", "languages")
_QUOTED = re.compile(r"“([^“”\n]{1,20})”|\"([^\"\n]{1,30})\"")


def quick_words(*texts: str) -> tuple[str, ...]:
    """The quoted words of a message that can be replied as they stand, each once, in order."""
    found = ["".join(pair) for text in texts for pair in _QUOTED.findall(text)]
    words = dict.fromkeys(word for word in found if fold(word) in _known())
    others = [word for word in words if fold(word) not in _resuming()]
    return tuple(others or words)  # who is asked something else need not be offered to go on


@cache
def _known() -> frozenset[str]:
    tables = (word_table(name) for name in TABLES)
    return frozenset(fold(word) for table in tables for words in table.values() for word in words)


@cache
def _resuming() -> frozenset[str]:
    return frozenset(fold(word) for word in word_table("global")["resume"])
