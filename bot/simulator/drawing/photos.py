"""How a telephone would have photographed a drawn card: on a table, well or badly."""

from __future__ import annotations

import random
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

SIZE = (1280, 960)
CARD = 980  # the card's width in the photo, pixels


@dataclass(frozen=True, slots=True)
class Shot:
    """One way to photograph. `shift` moves the card, `scale` makes the whole photo smaller."""

    tilt: float = 0.8  # degrees, anticlockwise
    light: float = 1.0
    blur: float = 0.6  # radius in pixels
    shift: tuple[int, int] = (0, 0)
    scale: float = 1.0
    glare: bool = False


SHOTS = {
    "": Shot(),
    "_tilted": Shot(tilt=5.0),
    "_dark": Shot(light=0.38),
    "_half": Shot(scale=0.5),
    "_blurred": Shot(blur=15.0),
    "_cut_off": Shot(shift=(-640, 250)),
    "_glare": Shot(glare=True),
}
"""Each kind of photo by the ending of its file's name."""


def photograph(card: Image.Image, shot: Shot, seed: int) -> Image.Image:
    """A photo of `card`; the same `seed` gives the same grain."""
    chance = random.Random(seed)  # noqa: S311 - grain of a picture
    photo = _table(chance)
    _lay(photo, card, shot)
    if shot.glare:
        photo = _flash(photo)
    photo = photo.filter(ImageFilter.GaussianBlur(shot.blur))
    photo = ImageEnhance.Brightness(photo).enhance(shot.light)
    photo = _grain(photo, chance)
    if shot.scale != 1.0:
        smaller = (round(SIZE[0] * shot.scale), round(SIZE[1] * shot.scale))
        photo = photo.resize(smaller, Image.Resampling.LANCZOS)
    return photo


def _table(chance: random.Random) -> Image.Image:
    """A wooden table top: planks with a few darker lines along the grain."""
    table = Image.new("RGB", SIZE, (142, 112, 84))
    pen = ImageDraw.Draw(table)
    for _ in range(160):
        y = chance.randrange(SIZE[1])
        tone = chance.randint(-12, 10)
        line = (142 + tone, 112 + tone, 84 + tone)
        pen.line((0, y, SIZE[0], y + chance.randint(-14, 14)), line, chance.randint(1, 7))
    return table.filter(ImageFilter.GaussianBlur(2))


def _lay(photo: Image.Image, card: Image.Image, shot: Shot) -> None:
    height = round(card.height * CARD / card.width)
    flat = card.resize((CARD, height), Image.Resampling.LANCZOS)
    turned = flat.rotate(shot.tilt, Image.Resampling.BICUBIC, expand=True)
    corner = (
        (SIZE[0] - turned.width) // 2 + shot.shift[0],
        (SIZE[1] - turned.height) // 2 + shot.shift[1],
    )
    shadow = Image.new("L", SIZE)
    shadow.paste(
        turned.getchannel("A").point(lambda level: level // 2), (corner[0] + 7, corner[1] + 9)
    )
    photo.paste((30, 24, 20), mask=shadow.filter(ImageFilter.GaussianBlur(9)))
    photo.paste(turned, corner, turned)


def _flash(photo: Image.Image) -> Image.Image:
    """The reflection of a lamp over the card's text."""
    light = Image.new("L", photo.size)
    ImageDraw.Draw(light).ellipse((180, 230, 900, 760), 255)
    light = light.filter(ImageFilter.GaussianBlur(60))
    return ImageChops.screen(photo, Image.merge("RGB", [light] * 3))


def _grain(photo: Image.Image, chance: random.Random) -> Image.Image:
    # Drawn small and stretched: grain of single pixels would triple the file.
    small = (photo.width // 4, photo.height // 4)
    noise = Image.frombytes("L", small, chance.randbytes(small[0] * small[1]))
    grey = Image.merge("RGB", [noise.resize(photo.size, Image.Resampling.BILINEAR)] * 3)
    return Image.blend(photo, grey, 0.02)
