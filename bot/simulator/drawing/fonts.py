"""The fonts of the drawings. Drawing needs fonts-noto-cjk; the drawn pictures need none."""

from __future__ import annotations

import functools
from pathlib import Path

from PIL import ImageFont

FOLDERS = ("/usr/share/fonts/opentype/noto", "/usr/share/fonts/noto-cjk")
SIMPLIFIED = 2  # the face of the collection that draws as in mainland China


@functools.cache
def font(size: int, weight: str = "Regular") -> ImageFont.FreeTypeFont:
    """Noto Sans CJK in pixels of `size`; `weight` is Regular or Bold."""
    for folder in FOLDERS:
        path = Path(folder) / f"NotoSansCJK-{weight}.ttc"
        if path.exists():
            return ImageFont.truetype(str(path), size, index=SIMPLIFIED)
    raise SystemExit("no Chinese font here: install fonts-noto-cjk")
