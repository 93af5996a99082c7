"""Photos that people take of themselves for the card: a drawn person before a wall, in some light.

What is done well is a `Scene()`; each field spoils one thing.
"""

from __future__ import annotations

import functools
import io
import random
from dataclasses import dataclass, replace

from PIL import Image, ImageChops, ImageDraw, ImageEnhance, ImageFilter

from bot.simulator.drawing.faces import HEIGHT, SCALE, WIDTH, Colour, Face, draw_large

SIZE = (1080, 1440)  # a telephone's picture, upright, made smaller by the chat


@dataclass(frozen=True, slots=True)
class Scene:
    """How a photo was taken. `person` is the width of the drawn bust in pixels of `SIZE`, `place`
    moves it; `lean` in degrees, clockwise. `shadow` falls to the left (-1) or right (1); `lamp`
    makes one half of the face brighter by so many levels; `pattern` hangs a curtain, `slope`
    darkens the wall from left to right by so many levels. `noise`: levels of grain. `quality`:
    of the JPEG. `second`: somebody else beside them."""

    wall: Colour = (243, 243, 242)
    person: int = 800
    place: tuple[int, int] = (0, 0)
    lean: float = 0.0
    shadow: int = 0
    slope: int = 0
    pattern: bool = False
    light: float = 1.0
    lamp: int = 0
    blur: float = 0.0
    noise: int = 3
    grey: bool = False
    screen: bool = False
    quality: int = 88
    size: tuple[int, int] = SIZE
    second: Face | None = None


def take_photo(face: Face, scene: Scene, seed: int = 1) -> Image.Image:
    """The photo; the same `seed` gives the same grain."""
    photo = _wall(scene)
    bust = draw_bust(face)
    if scene.second:
        _stand(photo, draw_bust(scene.second), replace(scene, place=(270, 0), person=500))
    _stand(photo, bust, scene)
    if scene.lamp:
        photo = _lamp(photo, scene.lamp)
    if scene.blur:
        photo = photo.filter(ImageFilter.GaussianBlur(scene.blur))
    photo = ImageEnhance.Brightness(photo).enhance(scene.light)
    if scene.grey:
        photo = photo.convert("L").convert("RGB")
    photo = _grain(photo, scene.noise, random.Random(seed))  # noqa: S311 - grain of a picture
    if scene.screen:
        photo = _screen(photo)
    return photo.resize(scene.size, Image.Resampling.LANCZOS) if scene.size != SIZE else photo


def as_jpeg(photo: Image.Image, quality: int = 88) -> bytes:
    """As a file."""
    out = io.BytesIO()
    photo.save(out, "JPEG", quality=quality)
    return out.getvalue()


@functools.lru_cache(4)
def draw_bust(face: Face) -> Image.Image:
    """A person cut out: RGBA, `SCALE` times the size of a portrait."""
    on_white, on_black = draw_large(face), draw_large(face, (0, 0, 0))
    ground = ImageChops.difference(on_white, on_black).convert("L")
    bust = on_white.convert("RGBA")
    bust.putalpha(ground.point(lambda level: 255 - level))
    return bust


def _wall(scene: Scene) -> Image.Image:
    wall = Image.new("RGB", SIZE, scene.wall)
    if scene.slope:
        ramp = Image.linear_gradient("L").rotate(90).resize(SIZE)
        dark = ramp.point(lambda level: level * scene.slope // 255)
        wall = ImageChops.subtract(wall, Image.merge("RGB", [dark] * 3))
    if scene.pattern:
        pen = ImageDraw.Draw(wall)
        for x in range(0, SIZE[0], 90):
            pen.rectangle((x, 0, x + 44, SIZE[1]), (206, 204, 200))
            pen.line((x + 70, 0, x + 50, SIZE[1]), (188, 186, 182), 4)
    return wall


def _stand(photo: Image.Image, bust: Image.Image, scene: Scene) -> None:
    """The person before the wall, and their shadow on it."""
    factor = scene.person / bust.width
    size = (scene.person, round(HEIGHT * SCALE * factor))
    person = bust.resize(size, Image.Resampling.LANCZOS)
    if scene.lean:
        person = _leaning(person, scene.lean)
    left = (SIZE[0] - person.width) // 2 + scene.place[0]
    top = SIZE[1] - person.height + scene.place[1]
    if scene.shadow:
        mask = Image.new("L", SIZE)
        shape = person.getchannel("A").point(lambda level: level * 3 // 5)
        mask.paste(shape, (left + scene.shadow * person.width // 6, top + person.width // 40))
        soft = mask.filter(ImageFilter.GaussianBlur(person.width / 34))
        photo.paste((96, 94, 98), mask=soft)
    photo.paste(person, (left, top), person)


def _leaning(person: Image.Image, degrees: float) -> Image.Image:
    middle = (person.width / 2, person.height * 0.9)
    return person.rotate(-degrees, Image.Resampling.BICUBIC, center=middle)


def _lamp(photo: Image.Image, levels: int) -> Image.Image:
    """Light from the left: the right half lies in the dark."""
    ramp = Image.new("L", (4, 1))
    ramp.putdata([0, 0, levels, levels])
    dark = ramp.resize(photo.size, Image.Resampling.BICUBIC)
    soft = dark.filter(ImageFilter.GaussianBlur(40))
    return ImageChops.subtract(photo, Image.merge("RGB", [soft] * 3))


def _grain(photo: Image.Image, levels: int, chance: random.Random) -> Image.Image:
    if not levels:
        return photo
    # Grain of a sensor is two pixels wide once the telephone has made its picture.
    small = (photo.width // 2, photo.height // 2)
    noise = Image.frombytes("L", small, chance.randbytes(small[0] * small[1]))
    grain = noise.resize(photo.size, Image.Resampling.BILINEAR)
    lighter = grain.point(lambda level: max(0, level - 128) * levels // 64)
    darker = grain.point(lambda level: max(0, 128 - level) * levels // 64)
    brighter = ImageChops.add(photo, Image.merge("RGB", [lighter] * 3))
    return ImageChops.subtract(brighter, Image.merge("RGB", [darker] * 3))


def _screen(photo: Image.Image) -> Image.Image:
    """As a telephone photographs a monitor: the grid of its dots, seen at a slant."""
    grid = Image.new("L", photo.size, 255)
    pen = ImageDraw.Draw(grid)
    for x in range(-photo.height, photo.width, 5):
        pen.line((x, 0, x + photo.height // 8, photo.height), 200, 2)
    for y in range(-photo.width, photo.height, 5):
        pen.line((0, y, photo.width, y + photo.width // 8), 210, 2)
    return ImageChops.multiply(photo, Image.merge("RGB", [grid] * 3))


def bust_width(face_pixels: float, face: Face) -> int:
    """How wide a bust must stand in a photo for its face to have so many pixels."""
    return round(face_pixels * WIDTH / face.wide)
