"""The drawn photo that passes, spoilt in one way each: small operations, for drawing takes long."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

from bot.simulator import draw


@cache
def good() -> Image.Image:
    return drawn("portrait_good")


def drawn(name: str) -> Image.Image:
    with Image.open(draw.PICTURES / f"{name}.jpg") as picture:
        return picture.convert("RGB")


def jpeg(picture: Image.Image, quality: int = 88) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality)
    return out.getvalue()


def two_people() -> Image.Image:
    half = good().resize((540, 720))
    photo = Image.new("RGB", (1080, 1440), (243, 243, 242))
    photo.paste(half, (0, 720))
    photo.paste(half, (540, 720))
    return photo


def too_near() -> Image.Image:
    return good().crop((0, 600, 1080, 1440))


def _wall() -> Image.Image:
    """A mask of what is white behind the person."""
    bright = good().convert("L").point(lambda level: 255 if level > 236 else 0)
    return bright.filter(ImageFilter.MinFilter(3))


def before_a(wall: tuple[int, int, int]) -> Image.Image:
    """The white wall painted over."""
    photo = good().copy()
    photo.paste(wall, mask=_wall())
    return photo


def in_the_shade(box: tuple[int, int, int, int], light: float) -> Image.Image:
    """The person, as far as they stand in `box`, darker; the wall as it was."""
    photo, dark = good().copy(), ImageEnhance.Brightness(good()).enhance(light)
    photo.paste(dark.crop(box), box, ImageChops.invert(_wall()).crop(box))
    return photo


def wall_in_the_shade(box: tuple[int, int, int, int], levels: int) -> Image.Image:
    shade = Image.new("L", good().size)
    ImageDraw.Draw(shade).rectangle(box, levels)
    soft = shade.filter(ImageFilter.GaussianBlur(30))
    return ImageChops.subtract(good(), Image.merge("RGB", [soft] * 3))


def before_a_curtain() -> Image.Image:
    photo = good().copy()
    pen = ImageDraw.Draw(photo)
    for x in (*range(0, 330, 60), *range(760, 1080, 60)):
        pen.rectangle((x, 0, x + 24, 1440), (204, 202, 198))
    return photo


def off_a_screen() -> Image.Image:
    """The dots of a bright monitor, at a slant."""
    grid = Image.new("L", good().size)
    pen = ImageDraw.Draw(grid)
    for x in range(-1440, 1080, 5):
        pen.line((x, 0, x + 180, 1440), 14, 2)
    for y in range(-1080, 1440, 5):
        pen.line((0, y, 1080, y + 135), 14, 2)
    return ImageChops.subtract(good(), Image.merge("RGB", [grid] * 3))


SPOILT: dict[str, Callable[[], bytes]] = {
    "none": lambda: jpeg(drawn("landscape")),
    "several": lambda: jpeg(two_people()),
    "small": lambda: jpeg(good().resize((360, 480))),
    "cut_off": lambda: jpeg(too_near()),
    "tilted": lambda: jpeg(good().rotate(-11, fillcolor=(243, 243, 242))),
    "dark": lambda: jpeg(ImageEnhance.Brightness(good()).enhance(0.5)),
    "no_colour": lambda: jpeg(good().convert("L").convert("RGB")),
    "ground_colour": lambda: jpeg(before_a((96, 150, 220))),
    "shadow_left": lambda: jpeg(wall_in_the_shade((0, 0, 330, 1440), 60)),
    "shadow_right": lambda: jpeg(drawn("portrait_shadow_right")),
    "ground_uneven": lambda: jpeg(before_a_curtain()),
    "ground_grey": lambda: jpeg(drawn("portrait_grey_wall")),
    "bright": lambda: jpeg(ImageEnhance.Brightness(good()).enhance(1.6)),
    "face_dark": lambda: jpeg(in_the_shade((0, 0, 1080, 1440), 0.2)),
    "face_sides": lambda: jpeg(in_the_shade((540, 0, 1080, 1440), 0.5)),
    "blurred": lambda: jpeg(drawn("portrait_blurred")),
    "blocks": lambda: jpeg(good(), 6),
    "screen": lambda: jpeg(off_a_screen()),
}
"""A photo for every fault that one photo can have by itself."""
