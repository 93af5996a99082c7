"""`shebaoka worker`: the background work, until told to stop."""

from __future__ import annotations

from typing import NoReturn

from bot.app import create_worker
from bot.commands.production import production_settings
from bot.work.running import work_until_told


def run() -> NoReturn:
    """Work until SIGTERM or Ctrl-C; refuse what `serve` refuses."""
    settings = production_settings()
    work_until_told(lambda: create_worker(settings))
