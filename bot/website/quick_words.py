"""Words that a message asks to be replied, as buttons: 请回复“同意” becomes one that says 同意.

Only words that mean something by themselves (`config/locales/words.toml`): what stands in quotes
as a pattern, like an address, is to be typed. What takes something away (解绑, 取消) is no button
either: it is said, not hit by mistake.
"""

from __future__ import annotations

import re
from functools import cache

from bot.dialogue.words import fold
from config.locales.words import word_table

TABLES = ("global", "openers", "card", "progress", "languages")
TYPED_ONLY = ("unbind", "cancel")
_QUOTED = re.compile(r"“([^“”\n]{1,20})”|\"([^\"\n]{1,30})\"")


def quick_words(*texts: str) -> tuple[str, ...]:
    """The quoted words of a message that can be replied as they stand, each once, in order."""
    found = ["".join(pair) for text in texts for pair in _QUOTED.findall(text)]
    words = dict.fromkeys(word for word in found if fold(word) in _known())
    others = [word for word in words if fold(word) not in _resuming()]
    return tuple(others or words)  # who is asked something else need not be offered to go on


@cache
def _known() -> frozenset[str]:
    tables = (word_table(name).items() for name in TABLES)
    lists = [words for table in tables for command, words in table if command not in TYPED_ONLY]
    return frozenset(fold(word) for words in lists for word in words)


@cache
def _resuming() -> frozenset[str]:
    return frozenset(fold(word) for word in word_table("global")["resume"])
