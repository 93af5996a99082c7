"""What is counted of turns, for `/metrics`."""

from functools import cache

from prometheus_client import Counter

TURNS = Counter("shebaoka_turns", "Updates taken, by how their request ended.", ["end"])
FAULTS = Counter("shebaoka_turn_faults", "Turns that ended in an apology, by fault.", ["fault"])
DEAD_LETTERS = Counter("shebaoka_dead_letters", "Updates given up after three tries.")


@cache
def ended(end: str) -> Counter:
    """The counter of one end of a request: looked up once, not at every message."""
    return TURNS.labels(end)
