"""QR codes as pictures of ours: black on white, with the quiet zone that readers need."""

from __future__ import annotations

import io
from functools import lru_cache

import segno


@lru_cache(maxsize=64)
def qr_svg(text: str) -> bytes:
    """A code of level M as an SVG file without size: the page says how large it is."""
    out = io.BytesIO()
    code = segno.make(text, error="m", micro=False)
    code.save(out, kind="svg", border=4, light="#fff", dark="#000", omitsize=True, xmldecl=True)
    return out.getvalue()


def qr_inline(text: str) -> str:
    """A code as an SVG element for a page that nobody keeps: nothing of it stays here either."""
    code = segno.make(text, error="m", micro=False)
    return code.svg_inline(border=4, light="#fff", dark="#000", omitsize=True)
