"""Pictures that people send: opened with suspicion, kept without metadata.

What leaves here is a JPEG that we encoded ourselves: upright, RGB, without EXIF (it holds the
place where it was taken), comments or colour profile.
"""

from __future__ import annotations

import io
from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from PIL import Image, ImageOps
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from bot.offices.jpeg_scans import too_many_scans
from bot.ports import PhotoFault

MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"RIFF", "webp"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
)
"""A file's first bytes and what they say it is; its name and its media type say nothing."""

OPENERS: dict[str, type[ImageFile]] = {
    "jpeg": JpegImageFile,
    "png": PngImageFile,
    "webp": WebPImageFile,
}
"""The decoders themselves, not Image.open: that tries every one there is, and its own cap on
pixels is a setting of the whole process."""

LONGEST = 2400
"""Pixels. A whole ID card in a photo of this length has text of 40 pixels and more."""

QUALITY = 90

WHITE = (255, 255, 255)


class PhotoLimits(Protocol):
    """What the city takes: bytes, pixels in all, and the least width and height, upright."""

    @property
    def max_bytes(self) -> int: ...
    @property
    def max_pixels(self) -> int: ...
    @property
    def min_width(self) -> int: ...
    @property
    def min_height(self) -> int: ...
    @property
    def types(self) -> Collection[str]: ...


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture of ours: upright, re-encoded as JPEG, without metadata. Sizes in pixels."""

    jpeg: bytes
    width: int
    height: int


def open_photo(data: bytes, limits: PhotoLimits) -> Photo:
    """Check and re-encode a picture that a person sent.

    Raises `PhotoFault` with the code type (none that the city takes), size (too many bytes),
    pixels (too large to unfold), broken (does not decode), animated or small. Nothing is unfolded
    before its header has been held against `limits.max_pixels`. A picture longer than `LONGEST`
    is made smaller.
    """
    kind = looked_at(data, limits)
    if kind == "jpeg" and too_many_scans(data):
        raise PhotoFault("broken")
    image = _decode(data, kind, limits.max_pixels)
    if image.width < limits.min_width or image.height < limits.min_height:
        raise PhotoFault("small")
    image.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    return Photo(encode_jpeg(image), image.width, image.height)


def looked_at(data: bytes, limits: PhotoLimits) -> str:
    """What kind of picture this is, by its first bytes: all that can be told without unfolding it.

    Raises `PhotoFault` with the code type, size or animated.
    """
    if len(data) > limits.max_bytes:
        raise PhotoFault("size")
    return _kind(data, limits.types)


def encode_jpeg(image: Image.Image, quality: int = QUALITY) -> bytes:
    """`image` as JPEG, without anything that its file carried beside the pixels."""
    bare = Image.new("RGB", image.size)
    bare.paste(image)
    out = io.BytesIO()
    bare.save(out, "JPEG", quality=quality)
    return out.getvalue()


def _kind(data: bytes, types: Collection[str]) -> str:
    kind = next((name for magic, name in MAGIC if data.startswith(magic)), "")
    if kind == "gif":
        # What WeChat sends as a GIF is a moving sticker.
        raise PhotoFault("animated")
    # The profile may say "jpeg", "jpg" or "image/jpeg".
    taken = {name.rpartition("/")[2].replace("jpg", "jpeg") for name in types}
    if kind not in OPENERS or kind not in taken:
        raise PhotoFault("type")
    return kind


def _decode(data: bytes, kind: str, max_pixels: int) -> Image.Image:
    try:
        with OPENERS[kind](io.BytesIO(data)) as image:
            if image.width * image.height > max_pixels:
                raise PhotoFault("pixels")
            if getattr(image, "is_animated", False):
                raise PhotoFault("animated")
            image.draft("RGB", (LONGEST, LONGEST))
            ImageOps.exif_transpose(image, in_place=True)
            return _flat(image)
    except PhotoFault:
        raise
    except Exception:
        # Pillow's decoders meet hostile bytes with whatever they stumble over: OSError,
        # SyntaxError, struct.error, ValueError, KeyError, IndexError, zlib.error …
        raise PhotoFault("broken") from None


def _flat(image: Image.Image) -> Image.Image:
    """RGB; what is transparent becomes white."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        # Forty million pixels are 160 MB each time: none is copied that need not be.
        solid = image if image.mode == "RGBA" else image.convert("RGBA")
        ground = Image.new("RGB", solid.size, WHITE)
        ground.paste(solid, mask=solid)
        return ground
    return image.convert("RGB")
