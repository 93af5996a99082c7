"""One turn: an Update in, begin, route, handle, commit, the reply out. Enter by `Turns`.

Views and the worker enter here; handlers never do. `docs/crash-table.md` says what happens when
the process dies at each step.
"""

from bot.turn.taking import Drained, Turns
from bot.turn.visit import Said

__all__ = ["Drained", "Said", "Turns"]
