"""Pictures, and the lines a reader finds on them: hostile bytes have a code, a price and a size."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

from PIL import Image

from benchmarks.fuzz.choosing import Chooser
from benchmarks.fuzz.target import Target
from bot.offices.card_fields import back_fields, front_fields, side_of
from bot.offices.card_lines import level
from bot.offices.images import LONGEST, open_photo
from bot.ports import PhotoFault
from config.city import City, load_city

CODES = {"type", "size", "pixels", "broken", "animated", "small"}
MOST_MEMORY = 768
"""MiB that one picture may take for a moment: 40 million pixels in RGBA are 160 MB, the ground they
are laid on as much again, and a decoder keeps them once or twice for itself (WebP: 600 in all)."""

_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@cache
def _city() -> City:
    return load_city()


def _picture(data: bytes) -> None:
    before = _memory("VmRSS", reset=True)
    try:
        photo = open_photo(data, _city().photo)
    except PhotoFault as fault:
        assert fault.code in CODES
    else:
        _ours(photo.jpeg, photo.width, photo.height)
    taken = _memory("VmHWM") - before
    assert taken < MOST_MEMORY, f"{taken} MiB"


def _memory(name: str, *, reset: bool = False) -> int:
    """MiB of resident memory now (VmRSS) or at its peak (VmHWM) since the last `reset`; 0 where
    there is no /proc."""
    if not _RESET.exists():
        return 0
    if reset:
        _RESET.write_text("5")
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) // 1024


def _ours(jpeg: bytes, width: int, height: int) -> None:
    """A JPEG that opens to the same size, with nothing but pixels."""
    assert max(width, height) <= LONGEST
    with Image.open(io.BytesIO(jpeg)) as image:
        image.load()
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (width, height))
        assert not {"exif", "comment", "icc_profile"} & set(image.info)


def _drawn(kind: str, mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    image = Image.radial_gradient("L").resize((360, 450)).convert(mode)
    image.save(out, kind, **options)
    return out.getvalue()


def _seeds() -> list[bytes]:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "a telephone"
    bomb = io.BytesIO()
    Image.new("L", (9000, 9000)).save(bomb, "PNG")
    return [
        _drawn("JPEG", quality=40), _drawn("JPEG", progressive=True, quality=40, exif=exif),
        _drawn("JPEG", "CMYK", quality=40), _drawn("PNG"), _drawn("PNG", "P"),
        _drawn("PNG", "RGBA"), _drawn("PNG", "I;16"), _drawn("WEBP"), _drawn("WEBP", "RGBA"),
        _drawn("WEBP", lossless=True, exif=exif), _drawn("GIF", "P"), bomb.getvalue()[:4000],
    ]  # fmt: skip


# --- what the reader makes of lines of text ---

_WORDS = ("姓名陈国强", "性别男民族汉", "出生1990年3月7日", "住址江岭省石桥县五组", "公民身份号码",
          "119999199003070019", "中华人民共和国居民身份证", "签发机关石桥县公安局", "有效期限",
          "2018.05.12-2038.05.12", "长期")  # fmt: skip


def _lines(data: bytes) -> None:
    """Any boxes with any texts give a side and fields that are texts."""
    choose = Chooser(data)
    found = []
    for _ in range(choose.number(24)):
        corners = [(choose.number(1200) - 100.0, choose.number(900) - 100.0) for _ in range(2)]
        (left, top), (right, low) = corners
        box = [(left, top), (right, top), (right, low), (left, low)]
        text = choose.one_of((*_WORDS, "", ""))
        found.append((box[choose.number(4) :] + box, text or choose.text(40)))
    lines = level((box[:4], text) for box, text in found)
    assert side_of(lines) in {"front", "back", "unknown"}
    for fields in (front_fields(lines), back_fields(lines)):
        assert all(isinstance(value, str) and value for value in fields.values())


def _line_seeds() -> list[bytes]:
    rows = [
        b"".join(
            (200).to_bytes(2, "big") + (100 + 60 * n).to_bytes(2, "big")
            + (700).to_bytes(2, "big") + (140 + 60 * n).to_bytes(2, "big") + bytes((n, 0))
            for n in words
        )
        for words in (range(6), range(6, 11))
    ]  # fmt: skip
    return [bytes((6,)) + rows[0], bytes((5,)) + rows[1], b""]


PICTURES = Target(
    "pictures", _picture, _seeds,
    (b"\xff\xd8\xff", b"\xff\xda\x00\x08", b"\xff\xd9", b"\xff\xc2", b"IHDR", b"IDAT", b"tRNS",
     b"eXIf", b"acTL", b"RIFF", b"VP8X", b"ANMF", b"ICCP", b"\x7f\xff\xff\xff"),
    seconds=8.0, longest=1_000_000,
)  # fmt: skip
CARD_TEXT = Target("card_text", _lines, _line_seeds, ("省".encode(), "至".encode()))
