"""Draw the pictures that the simulator offers: `python -m bot.simulator.draw`.

Needs Pillow and fonts-noto-cjk. The results stand in `pictures/` and are committed with this
script; nothing draws at run time. Everybody in them is invented, and every card says 样例.
"""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFilter

from bot.simulator.drawing.cards import Card, draw_back, draw_front
from bot.simulator.drawing.faces import Face, draw_face
from bot.simulator.drawing.own_photos import Scene, take_photo
from bot.simulator.drawing.photos import SHOTS, SIZE, photograph

HERE = Path(__file__).parent
PICTURES = HERE / "pictures"

GREY = (150, 148, 146)
WINE, OLIVE, SLATE, PLUM = (116, 46, 62), (44, 66, 52), (66, 68, 76), (84, 56, 92)

FACES = {
    "chen_guoqiang": Face(),
    "zhao_xiaoyun": Face(
        long_hair=True, hair=(42, 27, 23), clothes=WINE, wide=188, brows=4, smile=6, fringe=56
    ),
    "wang_yan": Face(skin=(214, 170, 136), wide=206, brows=8, clothes=OLIVE, fringe=36),
    "tian_ji": Face(skin=(226, 184, 150), wide=204, brows=7, clothes=SLATE, fringe=42),
    "li_xiaomei": Face(long_hair=True, clothes=PLUM, wide=184, brows=4, smile=5, fringe=50),
    "zhou_mingyuan": Face(hair=GREY, old=True, fringe=26, wide=204, clothes=SLATE),
    "sun_zhiqiang": Face(skin=(220, 178, 146), brows=7, clothes=(92, 62, 40), fringe=34),
    "liu_guifang": Face(
        long_hair=True, hair=(96, 88, 84), old=True, clothes=WINE, wide=190, brows=4
    ),
    "he_jiawen": Face(hair=(26, 26, 30), wide=192, clothes=(40, 48, 56), fringe=52),
    "jane_smith": Face(
        long_hair=True, skin=(244, 214, 192), hair=(132, 92, 52), clothes=OLIVE, wide=186, brows=4
    ),
}

ISSUED = {
    "chen_guoqiang": ("石桥县公安局", date(2018, 5, 12)),
    "zhao_xiaoyun": ("云州市公安局城东分局", date(2019, 9, 1)),
}
"""Who has drawn cards: the issuer, and the day from which the card is valid."""

OWN = {
    "portrait_good": Scene(),
    "portrait_shadow_right": Scene(shadow=1),
    "portrait_grey_wall": Scene(wall=(196, 195, 193)),
    "portrait_blurred": Scene(blur=7.0),
}
"""Photos that 陈国强 took of himself: one for each thing that is often wrong."""

SEXES = {"male": "男", "female": "女"}


def main() -> None:
    """Draw all pictures anew."""
    PICTURES.mkdir(exist_ok=True)
    for slug, face in FACES.items():
        # 350 dpi and quality 88: within the 14 to 40 KB of a card's portrait.
        draw_face(face).save(PICTURES / f"portrait_{slug}.jpg", quality=88, dpi=(350, 350))
    for slug, (issuer, valid_from) in ISSUED.items():
        _draw_cards(slug, _card(slug, issuer, valid_from))
    for name, scene in OWN.items():
        _save(name, take_photo(FACES["chen_guoqiang"], scene))
    _save("landscape", _landscape())


def _card(slug: str, issuer: str, valid_from: date) -> Card:
    person = _resident(slug)
    until = person["valid_until"]
    return Card(
        name=person["name"],
        sex=SEXES[person["sex"]],
        ethnicity=person["ethnicity"],
        birth=date.fromisoformat(person["birth"]),
        address=person["id_address"],
        number=person["id_number"],
        issuer=issuer,
        valid_from=valid_from,
        valid_until=None if until == "long_term" else date.fromisoformat(until),
    )


def _resident(slug: str) -> dict[str, Any]:
    residents = tomllib.loads((HERE / "residents.toml").read_text("utf-8"))["residents"]
    return next(person for person in residents if person["portrait"] == f"portrait_{slug}.jpg")


def _draw_cards(slug: str, card: Card) -> None:
    sides = {"front": draw_front(card, draw_face(FACES[slug])), "back": draw_back(card)}
    for seed, (side, drawn) in enumerate(sides.items()):
        for ending, shot in SHOTS.items():
            _save(f"{slug}_{side}{ending}", photograph(drawn, shot, seed))


def _landscape() -> Image.Image:
    """A photo of no card at all: hills, a lake and the sun."""
    sky = Image.linear_gradient("L").resize(SIZE)
    photo = Image.composite(
        Image.new("RGB", SIZE, (246, 226, 196)), Image.new("RGB", SIZE, (112, 164, 214)), sky
    )
    pen = ImageDraw.Draw(photo)
    pen.ellipse((900, 150, 1020, 270), (255, 240, 190))
    far = [(0, 620), (260, 360), (470, 560), (720, 300), (1000, 590), (1280, 420)]
    near = [(0, 700), (380, 560), (800, 690), (1280, 580)]
    ground = [(1280, 960), (0, 960)]
    pen.polygon(far + ground, (92, 122, 112))
    pen.polygon(near + ground, (66, 104, 78))
    pen.ellipse((160, 760, 1180, 930), (128, 176, 204))
    return photo.filter(ImageFilter.GaussianBlur(2))


def _save(name: str, photo: Image.Image) -> None:
    photo.convert("RGB").save(PICTURES / f"{name}.jpg", quality=80, optimize=True)


if __name__ == "__main__":
    main()
