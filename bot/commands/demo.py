"""`shebaoka demo`."""

from __future__ import annotations

from rich.console import Console

from bot.commands.settings import given_settings
from bot.demo.run import run_demo


def run(parent: int | None) -> int:
    """Run the demo until it is stopped. Exit status."""
    return run_demo(given_settings(), Console(highlight=False, soft_wrap=True), parent)
