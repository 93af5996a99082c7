"""`shebaoka serve`: production."""

from __future__ import annotations

import os

from bot.commands.settings import given_settings, stop
from bot.serving import serve, simulator_faults
from config.settings import production_faults, unknown_names


def run(workers: int, threads: int) -> int:
    """Serve until told to stop; refuse, with all reasons at once, what must not serve residents."""
    settings = given_settings(warn=False)
    faults = [
        *production_faults(settings),
        *unknown_names(os.environ),
        *simulator_faults(settings),
    ]
    if faults:
        stop(faults)
    serve("bot.app:production", settings.host, settings.port, workers=workers, threads=threads)
    return 0
