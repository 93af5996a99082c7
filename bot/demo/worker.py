"""The demo's worker: production's, without production's refusal of the demo's keys."""

from __future__ import annotations

from bot.demo.menu import publish_soon
from bot.demo.sources import demo_sources
from bot.work.running import work_until_told
from config.settings import load_settings


def main() -> None:
    """Work in this process until told to stop."""
    from bot.app import create_worker

    settings = load_settings()
    publish_soon(settings)
    work_until_told(lambda: create_worker(settings, demo_sources(settings)))


if __name__ == "__main__":
    main()
