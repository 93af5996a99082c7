"""A batch as a file: made anew from its lines at every try, and the same each time."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from bot.handover.envelope import Pair, close_envelope
from bot.handover.rows import Unwritable, checked, row_of
from bot.handover.suites import SUITES
from bot.handover.tars import make_tar
from models.handover.batches import Batch
from models.handover.items import ITEMS

LONGEST = 500
"""Characters in one item: far beyond everything that the form lets through."""


def fault_of(items: Mapping[str, str]) -> str:
    """Why these items cannot be handed over: `characters` or `too_long`; "" when they can."""
    try:
        for value in items.values():
            if len(checked(value)) > LONGEST:
                return "too_long"
    except Unwritable:
        return "characters"
    return ""


@dataclass(frozen=True, slots=True)
class Made:
    """A batch ready to be sent; `digest` of its content, in hexadecimal."""

    sealed: bytes
    digest: str


def make_file(
    batch: Batch,
    lines: Sequence[Mapping[str, str]],
    photos: Mapping[str, bytes],
    keys: Pair,
    region: str,
    tz: ZoneInfo,
) -> Made:
    """The envelope of a batch. `photos` by application."""
    suite = SUITES[batch.suite]
    name, write = _FORMS[batch.form]
    manifest = {
        "batch": batch.id,
        "from": region,
        "to": batch.receiver,
        "created": batch.cut_at.astimezone(tz).isoformat(timespec="seconds"),
        "kind": batch.kind,
        "format": batch.form,
        "count": batch.count,
        "items": ITEMS,
    }
    parts = {name: write(lines)}
    parts.update({f"photos/{one}.jpg": photo for one, photo in photos.items()})
    tar = make_tar(manifest, parts, suite)
    return Made(close_envelope(batch.id, tar, suite, keys), suite.digest(tar).hex())


def _ndjson(lines: Sequence[Mapping[str, str]]) -> bytes:
    return b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)


def _pipe(lines: Sequence[Mapping[str, str]]) -> bytes:
    rows = (row_of(line[name] for name, _ in ITEMS) for line in lines)
    return b"".join(row.encode("gb18030") + b"\n" for row in rows)


_FORMS: Mapping[str, tuple[str, Callable[[Sequence[Mapping[str, str]]], bytes]]] = {
    "ndjson": ("applications.ndjson", _ndjson),
    "pipe": ("applications.txt", _pipe),
}
