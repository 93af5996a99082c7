"""The gallery: drawn people, photographed well and badly, and what is to be said of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bot.simulator.drawing.faces import Colour, Face
from bot.simulator.drawing.own_photos import Scene

SKINS: dict[str, Colour] = {
    "very light skin": (252, 228, 210), "light skin": (236, 200, 172), "tan skin": (205, 160, 124),
    "brown skin": (150, 104, 76), "dark skin": (94, 64, 50),
}  # fmt: skip
DARK = Face(skin=SKINS["dark skin"], hair=(20, 18, 18), clothes=(96, 40, 52))
WOMAN = Face(long_hair=True, hair=(42, 27, 23), clothes=(116, 46, 62), wide=188, brows=4, smile=6)
OLD = Face(hair=(170, 168, 166), old=True, fringe=22, wide=204, clothes=(66, 68, 76))
CHILD = Face(wide=216, brows=4, fringe=64, smile=6, clothes=(44, 66, 52))
PLAIN, SCARF = Face(), Face(scarf=(70, 74, 120), clothes=(54, 58, 84))


@dataclass(frozen=True, slots=True)
class Case:
    """One photo. `wanted`: any of these faults, or none at all where it is empty."""

    name: str
    face: Face = PLAIN
    scene: Scene = field(default_factory=Scene)
    wanted: frozenset[str] = frozenset()


def gallery() -> list[Case]:
    """Every case; those that pass first."""
    return [*_good(), *_bad()]


def _good() -> Iterator[Case]:
    for name, skin in SKINS.items():
        yield Case(name, Face(skin=skin))
        yield Case(f"{name}, long hair", replace(WOMAN, skin=skin))
    for name, face in {
        "grey hair, old": OLD, "a child": CHILD, "brown hair": Face(hair=(132, 92, 52)),
        "fair hair": Face(hair=(206, 172, 110), skin=SKINS["very light skin"]),
        "no hair to speak of": Face(hair=(210, 176, 150), fringe=6),
        "a beard": Face(beard=True), "a beard, dark skin": replace(DARK, beard=True),
        "glasses": Face(glasses=True), "glasses, long hair": replace(WOMAN, glasses=True),
        "glasses, dark skin": replace(DARK, glasses=True),
        "glasses, old": replace(OLD, glasses=True),
        "a headscarf": SCARF, "a headscarf, dark skin": replace(SCARF, skin=SKINS["dark skin"]),
        "a narrow face": Face(wide=178), "a wide face": Face(wide=214),
    }.items():  # fmt: skip
        yield Case(name, face)
    for name, scene in {
        "a small file": Scene(size=(540, 720)), "a large file": Scene(size=(1800, 2400)),
        "far, but near enough": Scene(person=420), "near": Scene(person=1000),
        "beside the middle": Scene(place=(110, 0)), "leans by four degrees": Scene(lean=4),
        "much grain": Scene(noise=8), "no grain": Scene(noise=0),
        "compressed, 60": Scene(quality=60),
        "compressed, 40": Scene(quality=40), "a warm wall": Scene(wall=(246, 242, 234)),
        "a cold wall": Scene(wall=(236, 240, 246)), "a wall not quite even": Scene(slope=10),
        "a little soft": Scene(blur=1.5), "a little dark": Scene(light=0.95),
        "a light side": Scene(lamp=10),
    }.items():  # fmt: skip
        yield Case(name, scene=scene)


def _bad() -> Iterator[Case]:
    left, right = frozenset({"shadow_left"}), frozenset({"shadow_right"})
    for who, face in {"": PLAIN, ", long hair": WOMAN, ", dark skin": DARK, ", old": OLD}.items():
        yield Case(f"shadow on the right{who}", face, Scene(shadow=1), right)
        yield Case(f"shadow on the left{who}", face, Scene(shadow=-1), left)
        yield Case(f"a grey wall{who}", face, Scene(wall=(198, 197, 195)), _any("ground_grey"))
        yield Case(f"blurred{who}", face, Scene(blur=7), _any("blurred"))
        yield Case(f"dark{who}", face, Scene(light=0.5), _any("dark"))
    for name, scene, wanted in (
        ("a wall that darkens", Scene(slope=70), _any("shadow_right")),
        ("a dark grey wall", Scene(wall=(150, 150, 150)), _any("ground_grey")),
        ("a blue wall", Scene(wall=(90, 140, 214)), _any("ground_colour")),
        ("a red wall", Scene(wall=(196, 60, 60)), _any("ground_colour")),
        ("a beige wall", Scene(wall=(228, 208, 172)), _any("ground_colour")),
        ("a curtain", Scene(pattern=True), _any("ground_uneven")),
        ("in the dark", Scene(light=0.32), _any("dark", "none")),
        ("much too bright", Scene(light=1.7), _any("bright")),
        ("lit from one side", Scene(lamp=130), _any("face_sides", "shadow_right")),
        ("out of focus", Scene(blur=11), _any("blurred")),
        ("black and white", Scene(grey=True), _any("no_colour")),
        ("off a screen", Scene(screen=True), _any("screen", "ground_uneven", "ground_grey")),
        ("compressed to blocks", Scene(quality=6), _any("blocks", "ground_uneven")),
        ("leans to the right", Scene(lean=11), _any("tilted")),
        ("leans to the left", Scene(lean=-14), _any("tilted")),
        ("leans far", Scene(lean=24), _any("tilted")),
        ("too near", Scene(person=1500, place=(0, 500)), _any("cut_off", "none")),
        ("cut off at the side", Scene(place=(-290, 0)), _any("cut_off")),
        ("head at the edge", Scene(person=1080, place=(0, -180)), _any("cut_off")),
        ("too far", Scene(person=220), _any("small")),
        ("a tiny file", Scene(size=(358, 478)), _any("small")),
        ("two people", Scene(second=WOMAN, place=(-250, 0), person=560), _any("several")),
        ("nobody", Scene(person=40, place=(0, 600)), _any("none")),
    ):  # fmt: skip
        yield Case(name, PLAIN, scene, wanted)


def _any(*faults: str) -> frozenset[str]:
    return frozenset(faults)
