"""Where the demo's site and worker have their time and chance from."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bot.demo.clock import DemoClock
from config.settings import Settings

if TYPE_CHECKING:  # the parent of the site's process would load half of it for a name
    from bot.ports import Sources


def demo_sources(settings: Settings) -> Sources:
    """The real ones, but for the clock, which a day can be added to."""
    from bot.assembly import real_sources

    return replace(real_sources(), clock=DemoClock(settings.data_dir))
