"""Pictures and sounds that passed through the platform: files in a folder, three days long."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from bot.simulator.clock import ShiftedClock
from bot.simulator.store import Store

LIFE_SECONDS = 3 * 24 * 3600.0
MAX_BYTES = 10 * 1024 * 1024
_MAGIC = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"GIF8": "image/gif"}
_SOUNDS = {b"#!AMR": "audio/amr", b"ID3": "audio/mp3", b"\xff\xfb": "audio/mp3"}


@dataclass(frozen=True, slots=True)
class Limit:
    """What may be uploaded as one kind, and the errcode of what is too large."""

    most: int  # bytes
    types: frozenset[str]
    too_large: int


LIMITS = {
    "image": Limit(MAX_BYTES, frozenset(_MAGIC.values()), 40009),
    "voice": Limit(2 * 1024 * 1024, frozenset({"audio/amr", "audio/mp3"}), 40010),
    "video": Limit(10 * 1024 * 1024, frozenset({"video/mp4"}), 40011),
    "thumb": Limit(64 * 1024, frozenset({"image/jpeg"}), 40012),
}
"""Source: developers.weixin.qq.com, 新增临时素材."""


@dataclass(frozen=True, slots=True)
class Medium:
    """One stored file."""

    body: bytes
    type: str
    kind: str = "image"  # image | voice | video | thumb


def picture_type(body: bytes) -> str | None:
    """The media type by magic bytes, or None when this is no picture the platform knows."""
    return next((kind for magic, kind in _MAGIC.items() if body.startswith(magic)), None)


def media_type(body: bytes) -> str | None:
    """The type of a picture, a sound or a film by its first bytes, or None."""
    if body[4:8] == b"ftyp":
        return "video/mp4"
    sound = next((kind for magic, kind in _SOUNDS.items() if body.startswith(magic)), None)
    return picture_type(body) or sound


class MediaBox:
    """The platform's temporary media."""

    def __init__(self, store: Store, folder: Path, clock: ShiftedClock) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._store, self._folder, self._clock = store, folder, clock

    def put(self, body: bytes, kind: str, media_type: str) -> tuple[str, float]:
        """Keep a file. Returns its MediaId, and when (Unix time)."""
        media_id, at = secrets.token_urlsafe(32), self._clock.seconds()
        (self._folder / media_id).write_bytes(body)
        self._store.write("INSERT INTO media VALUES(?, ?, ?, ?)", media_id, kind, media_type, at)
        return media_id, at

    def get(self, media_id: str, *, expired_too: bool = False) -> Medium | None:
        """A file, or None when there is none, or none any more."""
        row = self._store.row("SELECT * FROM media WHERE id = ?", media_id)
        if row is None or (row["at"] + LIFE_SECONDS < self._clock.seconds() and not expired_too):
            return None
        return Medium((self._folder / media_id).read_bytes(), row["type"], row["kind"])
