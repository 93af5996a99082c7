"""`shebaoka understand`: what a line of text would be taken for."""

from __future__ import annotations

import sys

from bot.dialogue.intents import Understanding
from config.intents import load_intents


def run() -> int:
    """Read lines until the end of input and print `intent<TAB>score` for each, at once."""
    known = load_intents()
    understanding = Understanding(
        known.words, known.patterns, known.examples, known.dialect, known.simplified
    )
    for line in sys.stdin:
        best = understanding.understand(line.strip())[0]
        sys.stdout.write(f"{best.intent}\t{best.score:.3f}\n")
        sys.stdout.flush()
    return 0
