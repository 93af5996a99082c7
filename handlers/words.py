"""The words of `config/locales/words.toml`, ready to be looked up."""

from __future__ import annotations

from functools import cache

from bot.dialogue.words import Words
from config.locales.words import word_table


@cache
def words(table: str) -> Words:
    return Words(word_table(table))
