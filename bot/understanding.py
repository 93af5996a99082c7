"""Start-up: the engine's understanding of free text, filled with the city's words."""

from __future__ import annotations

from functools import cache

from bot.dialogue.intents import Understanding
from config.intents import load_intents


@cache
def load_understanding() -> Understanding:
    """Takes two thirds of a second, once a process. Raises what `load_intents` and `Understanding` do."""
    known = load_intents()
    return Understanding(
        known.words, known.patterns, known.examples, known.dialect, known.simplified
    )
