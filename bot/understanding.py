"""Start-up: the engine's understanding of free text, filled with the city's words."""

from __future__ import annotations

from bot.dialogue.intents import Understanding
from config.intents import load_intents


def load_understanding() -> Understanding:
    """Takes a fifth of a second; made once. Raises what `load_intents` and `Understanding` do."""
    known = load_intents()
    return Understanding(
        known.words, known.patterns, known.examples, known.dialect, known.simplified
    )
