"""The doctor's look at the hand-over: keys, and whether the other side answers."""

from __future__ import annotations

from collections.abc import Iterator

from bot.doctor.findings import Finding
from bot.handover.destinations import destinations_of
from bot.ports import OfficeError
from config.city_handover import Handover
from config.settings import Settings, environment_name
from models.handover.batches import DESTINATIONS, Destination


def handover(settings: Settings, style: Handover) -> Iterator[Finding]:
    """One finding for each destination. Asks what lies ready there, and takes nothing."""
    reached = destinations_of(settings, style)
    for name in DESTINATIONS:
        if name not in reached:
            told = f"hand-over: nothing goes to the {name}: its keys or its place are missing"
            yield Finding("warning", told, f"set {_wanted(name)}; see docs/handover.md")
            continue
        try:
            ready = len(reached[name].road.replies(""))
        except OfficeError as error:
            told = f"hand-over: the {name} does not answer: {error.reason}"
            remedy = f"check its address or folder, and {environment_name('office_key')}"
            yield Finding("fault", told, remedy)
        else:
            yield Finding("ok", f"hand-over: the {name} answers ({ready} reply files listed)")


def _wanted(name: Destination) -> str:
    place = "card_making_url" if name == "province" else "bank_url"
    fields = ("handover_private_key", f"{name}_public_key", f"{name}_key", place)
    return ", ".join(environment_name(field) for field in fields)
