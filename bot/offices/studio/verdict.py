"""Measures and the first fault, of what was found in a photo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.offices.studio.crop import Cut
from bot.offices.studio.ground import Ground
from bot.offices.studio.light import Light
from bot.ports import PORTRAIT_FAULTS, Measure
from config.city_portrait import CardPortrait


@dataclass(frozen=True, slots=True)
class Texture:
    sharp: float
    blocks: float
    screen: float | None  # None: not measured on this machine


@dataclass(frozen=True, slots=True)
class Head:
    """What the cascades say. None in place of this: there are none on this machine."""

    count: int
    width: float = 0.0
    roll: float = 0.0
    eyes_seen: bool = False


def between(name: str, value: float, low: float | None, high: float | None) -> Measure:
    fits = (low is None or value >= low) and (high is None or value <= high)
    return Measure(name, round(float(value), 2), low, high, bool(fits))


def unmeasured(name: str, low: float | None = None, high: float | None = None) -> Measure:
    return Measure(name, None, low, high, None)


def face_measures(head: Head | None, cut: Cut | None, rule: CardPortrait) -> Iterator[Measure]:
    """How many faces, how large, where, how they lean."""
    shown = rule.shown
    bounds = {
        "face_width": rule.face, "hair_gap": rule.hair, "eyes_from_left": rule.eyes,
        "eyes_above": (rule.eyes_above, None), "face_pixels": (shown.face_pixels, None),
        "roll": (-shown.roll, shown.roll),
    }  # fmt: skip
    if head is None or cut is None:
        yield unmeasured("faces", 1, 1) if head is None else between("faces", head.count, 1, 1)
        yield from (unmeasured(name, *pair) for name, pair in bounds.items())
        return
    yield between("faces", head.count, 1, 1)
    values = (cut.face, cut.hair, cut.eyes, cut.eyes_above, head.width, head.roll)
    for (name, pair), value in zip(bounds.items(), values, strict=True):
        measure = between(name, value, *pair)
        if not head.eyes_seen and name in ("eyes_from_left", "eyes_above", "roll"):
            measure = unmeasured(name, *pair)
        if name == "hair_gap" and cut.fits and not measure.ok:
            # The rule lets high hair be cut where the eyes would lie too low.
            measure = Measure(name, measure.value, None, pair[1], True)
        yield measure


def picture_measures(
    ground: Ground, light: Light, texture: Texture, rule: CardPortrait
) -> Iterator[Measure]:
    """What is seen with or without a face."""
    shown = rule.shown
    yield between("white_left", ground.left.white, shown.white_share, None)
    yield between("white_right", ground.right.white, shown.white_share, None)
    yield between("brightest", light.brightest, shown.brightest, None)
    yield between("face_light", light.face, *shown.face_light)
    yield between("blown", light.blown, None, shown.blown)
    yield between("sides", light.sides, None, shown.sides)
    yield between("colour", light.colour, shown.colour, None)
    yield between("sharpness", texture.sharp, shown.sharp, None)
    yield between("blocks", texture.blocks, None, shown.blocks)
    yield (
        unmeasured("screen", None, shown.screen)
        if texture.screen is None
        else between("screen", texture.screen, None, shown.screen)
    )


SHOWS = {
    "small": ("face_pixels",), "tilted": ("roll",), "dark": ("brightest",),
    "no_colour": ("colour",), "bright": ("blown",), "face_sides": ("sides",),
    "blurred": ("sharpness",), "blocks": ("blocks",), "screen": ("screen",),
    "id_photo": ("unlike_id_photo",), "repeated": ("unlike_refused",),
}  # fmt: skip
"""A fault is there when one of these measures is bad; those that are not here are told apart."""


def first_fault(
    measures: dict[str, Measure], head: Head | None, cut: Cut | None, ground: Ground
) -> str:
    """The first thing to mend, in the order of `PORTRAIT_FAULTS`; empty where there is none."""
    bad = {name for name, measure in measures.items() if measure.ok is False}
    found = {fault for fault, names in SHOWS.items() if bad & set(names)}
    if head is not None and head.count != 1:
        found.add("several" if head.count else "none")
    if cut is not None and not cut.fits:
        found.add("cut_off")
    if bad & {"white_left", "white_right"}:
        found.add(ground.fault)
    if "face_light" in bad:
        light = measures["face_light"]
        found.add("face_dark" if (light.value or 0) < (light.low or 0) else "bright")
    return next((fault for fault in PORTRAIT_FAULTS if fault in found), "")
