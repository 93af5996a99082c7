"""What must not meet real residents, asked before `serve` and `worker` start: all of it at once."""

from __future__ import annotations

import os

from bot.commands.content import content_faults
from bot.commands.settings import given_settings, stop
from bot.commands.simulators import simulator_faults
from config.city import CityFault
from config.settings import Settings, production_faults, unknown_names


def production_settings() -> Settings:
    """The settings of the environment. Prints every reason against them and exits if there is one:
    a missing setting, a key of the demo, a simulator's address, a city that does not fit."""
    settings = given_settings(warn=False)
    faults = [
        *production_faults(settings),
        *unknown_names(os.environ),
        *simulator_faults(settings),
        *content_faults(settings),
        *_alipay_faults(settings),
    ]
    if faults:
        stop(faults)
    return settings


def _alipay_faults(settings: Settings) -> list[str]:
    """A city that does not load is told by its content."""
    from bot.upkeep import alipay_faults

    try:
        return alipay_faults(settings)
    except (CityFault, OSError):
        return []
