"""Start-up: the engine's understanding of free text, filled with the city's words."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from bot.dialogue.intents import Guess, Understanding
from config.intents import load_intents


def understanding_soon() -> Callable[[str, float], list[Guess]]:
    """`Understanding.understand`, made in a thread: the service need not wait for it to start.

    The first text does. What is wrong with the words is raised then, to every caller.
    """
    maker = ThreadPoolExecutor(1, "understanding")
    made = maker.submit(load_understanding)
    maker.shutdown(wait=False)
    return lambda text, at_least: made.result().understand(text, at_least)


@cache
def load_understanding() -> Understanding:
    """Takes half a second, once a process. Raises what `load_intents` and `Understanding` do."""
    known = load_intents()
    return Understanding(
        known.words, known.patterns, known.examples, known.dialect, known.simplified
    )
