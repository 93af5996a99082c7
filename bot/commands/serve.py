"""`shebaoka serve`: production."""

from __future__ import annotations

from bot.commands.production import production_settings
from bot.serving import serve


def run(workers: int, threads: int) -> int:
    """Serve until told to stop; refuse, with all reasons at once, what must not serve residents."""
    settings = production_settings()
    serve("bot.app:production", settings.host, settings.port, workers=workers, threads=threads)
    return 0
