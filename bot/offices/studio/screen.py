"""Whether a photo was taken of a screen or a print: the pattern that two grids make together."""

from __future__ import annotations

import numpy as np
from PIL import Image

SIDE = 512  # pixels of the square that is looked at, in the photo's own pixels
LOW = 0.12  # of the highest frequency: what lies below is the drawing itself


def screen_pattern(photo: Image.Image) -> float:
    """The strongest single frequency against those around it. Crude: a pattern that is as fine as
    the pixels, or lost in compression, is not seen."""
    side = min(SIDE, photo.width, photo.height)
    left, top = (photo.width - side) // 2, (photo.height - side) // 2
    grey = np.asarray(photo.convert("L").crop((left, top, left + side, top + side)), np.float32)
    window = np.hanning(side)
    waves = np.abs(np.fft.rfft2((grey - grey.mean()) * np.outer(window, window)))
    down, across = np.fft.fftfreq(side)[:, None] * 2, np.fft.rfftfreq(side)[None, :] * 2
    far = np.hypot(down, across)
    # Edges of a drawing run through the middle along an axis; a screen's peaks stand alone.
    alone = (far > LOW) & (far < 0.95) & (np.abs(down) > 0.02) & (np.abs(across) > 0.02)
    rings = np.round(far * 40).astype(int)
    counts = np.bincount(rings[alone], minlength=60)
    means = np.bincount(rings[alone], waves[alone], minlength=60) / np.maximum(1, counts)
    against = waves / (means[np.minimum(rings, 59)] + 1.0)
    return float(np.log2(1 + against[alone].max()))
