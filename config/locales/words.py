"""Words that people type for the same thing, in every language at once, by table and command."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources


@cache
def word_table(name: str) -> dict[str, list[str]]:
    """One table of `words.toml`: the words for each command."""
    raw = tomllib.loads(resources.files(__package__).joinpath("words.toml").read_text("utf-8"))
    return {command: list(words) for command, words in raw[name].items()}
