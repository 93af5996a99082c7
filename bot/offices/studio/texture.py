"""Sharpness and what JPEG has left of the drawing."""

from __future__ import annotations

from PIL import Image, ImageChops, ImageFilter, ImageOps, ImageStat

from bot.offices.studio.boxes import Box
from bot.offices.studio.crop import levels

LAPLACE = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)
GRID = 8  # pixels: the blocks of a JPEG
EDGE = 20  # levels: a step larger than this is drawn, not left by compression
FLOOR = 0.05  # levels: in a picture of nearly no steps, so few say nothing


def sharpness(finished: Image.Image, face: Box) -> float:
    """The variance of the Laplacian over the face, its levels stretched to the full range, so that
    a dark face counts like a light one. Grain is smoothed away first: it is no drawing."""
    grey = ImageOps.autocontrast(finished.convert("L").crop(face), cutoff=1)
    smooth = grey.filter(ImageFilter.GaussianBlur(0.8))
    # Pillow leaves the outermost pixels as they were.
    steps = ImageOps.crop(smooth.filter(LAPLACE), 1)
    return float(ImageStat.Stat(steps).var[0])


def blocks(photo: Image.Image, face: tuple[float, float, float, float]) -> float:
    """How much larger the steps at the edges of JPEG blocks are than elsewhere in the face; about
    1 where none are to be seen. `photo` in its own pixels: made smaller, it has no grid any more.
    """
    grey = photo.convert("L").crop(_on_grid(photo, face))
    across = _steps(grey)
    down = _steps(grey.transpose(Image.Transpose.TRANSPOSE))
    return (across + down) / 2


def _on_grid(photo: Image.Image, part: tuple[float, float, float, float]) -> Box:
    """A part of the photo, beginning where a block does; two blocks at least."""
    left, top = (max(0, int(edge)) // GRID * GRID for edge in part[:2])
    right = max(left + 2 * GRID, min(photo.width, int(part[2])))
    return left, top, right, max(top + 2 * GRID, min(photo.height, int(part[3])))


def _steps(grey: Image.Image) -> float:
    """The mean step from column to column at the grid, against that between its lines."""
    width, height = grey.size
    here = grey.crop((0, 0, width - 1, height))
    step = ImageChops.difference(here, grey.crop((1, 0, width, height)))
    small = step.point(lambda level: level if level <= EDGE else 0).convert("F")
    columns = levels(small.resize((width - 1, 1), Image.Resampling.BOX))
    at, between = columns[GRID - 1 :: GRID], [s for x, s in enumerate(columns) if x % GRID != 7]
    mean = float(sum(between)) / max(1, len(between))
    return (float(sum(at)) / max(1, len(at)) + FLOOR) / (mean + FLOOR)
