"""Who and what the phone page offers: invented residents, drawn photos, places to send."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.simulator.clock import ShiftedClock
from bot.simulator.residents import Register
from bot.simulator.settings import SimulatorConfig
from bot.simulator.transcript import DrawnPicture

SIDES = {"front": "身份证人像面", "back": "身份证国徽面"}
VARIANTS = {
    "tilted": "拍歪",
    "dark": "偏暗",
    "blurred": "模糊",
    "cut_off": "缺角",
    "half": "半大",
    "glare": "反光",
}

OWN = {
    "portrait_good": "",
    "portrait_shadow_right": "右边有影子",
    "portrait_grey_wall": "灰墙",
    "portrait_blurred": "模糊",
}
"""Photos that somebody took of himself, and what is wrong with them."""


class Cast:
    """Read anew at each call: pictures may be drawn while the simulator runs."""

    def __init__(self, config: SimulatorConfig, register: Register, clock: ShiftedClock) -> None:
        self._config, self._register, self._clock = config, register, clock

    def offered(self) -> dict[str, Any]:
        """Everything, in the page's form."""
        today = self._clock().date()
        residents = [
            {
                "name": person.name,
                "id_number": person.id_number,
                "phone": person.phone_on_file,
                "portrait": person.portrait,
                "remarks": person.remarks(today),
            }
            for person in self._register
        ]
        places = [{"label": p[0], "lat": p[1], "lng": p[2]} for p in self._config.places]
        return {"residents": residents, "pictures": list(self._pictures()), "places": places}

    def recognised(self, body: bytes) -> DrawnPicture | None:
        """Which of our pictures this is, byte by byte; None for anybody else's."""
        for path in sorted(Path(self._config.pictures).glob("*.jpg")):
            if path.stat().st_size == len(body) and path.read_bytes() == body:
                side = next((side for side in SIDES if f"_{side}" in path.stem), "")
                owner = path.stem.partition(f"_{side}")[0] if side else ""
                label = _described(path.stem, {})["label"] if side else path.stem
                return DrawnPicture(path.stem, owner, label)
        return None

    def _pictures(self) -> Iterator[dict[str, str]]:
        owners = {_owner(person.portrait): person.name for person in self._register}
        for path in sorted(Path(self._config.pictures).glob("*.jpg")):
            yield _described(path.stem, owners) | {"file": path.name}


def _owner(portrait: str) -> str:
    return Path(portrait).stem.removeprefix("portrait_")


def _described(stem: str, owners: dict[str, str]) -> dict[str, str]:
    """The picture's label, whose it is, and what is wrong with it, from its file name."""
    for side, label in SIDES.items():
        owner, found, variant = stem.partition(f"_{side}")
        if found:
            words = VARIANTS.get(variant.strip("_"), "")
            shown = f"{label}（{words}）" if words else label
            return {"label": shown, "person": owners.get(owner, ""), "variant": words}
    if stem in OWN:
        words = f"（{OWN[stem]}）" if OWN[stem] else ""
        return {"label": f"自己拍的照片{words}", "person": "", "variant": "照片"}
    owner = owners.get(_owner(stem), "")
    if owner:
        return {"label": f"{owner}的照片", "person": owner, "variant": "照片"}
    return {"label": "风景照", "person": "", "variant": "别的"}
