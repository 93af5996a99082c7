"""The destinations that a deployment has the keys and the place of."""

from __future__ import annotations

from dataclasses import dataclass

from bot.handover.envelope import Pair
from bot.handover.folder import FolderRoad
from bot.handover.https import HttpRoad
from bot.handover.roads import Road
from bot.offices.http import OfficeHttp
from config.city_handover import Handover, Way
from config.settings import Settings
from models.handover.batches import DESTINATIONS, Destination


@dataclass(frozen=True, slots=True)
class Reached:
    """One destination, with all that is needed to reach it."""

    name: Destination
    way: Way
    keys: Pair
    road: Road


def destinations_of(settings: Settings, style: Handover) -> dict[Destination, Reached]:
    """None without keys: nothing is handed over then, and the doctor says so."""
    return {
        name: Reached(name, style.way(name), _keys(settings, name), _road(settings, name, style))
        for name in DESTINATIONS
        if settings.hands_over_to(name)
    }


def _keys(settings: Settings, name: Destination) -> Pair:
    return Pair(
        settings.handover_private_key,
        getattr(settings, f"{name}_public_key"),
        getattr(settings, f"{name}_key"),
    )


def _road(settings: Settings, name: Destination, style: Handover) -> Road:
    if folder := getattr(settings, f"{name}_dir"):
        return FolderRoad(folder, name)
    address = settings.card_making_url if name == "province" else settings.bank_url
    return HttpRoad(OfficeHttp(name, address, settings.office_key), style.call_seconds)
