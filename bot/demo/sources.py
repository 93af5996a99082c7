"""Where the demo's site and worker have their time and chance from."""

from __future__ import annotations

from dataclasses import replace

from bot.demo.clock import DemoClock
from bot.ports import Sources
from config.settings import Settings


def demo_sources(settings: Settings) -> Sources:
    """The real ones, but for the clock, which a day can be added to."""
    from bot.assembly import real_sources

    return replace(real_sources(), clock=DemoClock(settings.data_dir))
