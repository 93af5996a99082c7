"""The tar in an envelope: the same bytes for the same parts, whoever makes it and when."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Mapping
from typing import Any

from bot.handover.suites import Broken, Suite

MANIFEST = "manifest.json"
MOST_PARTS = 20_000


def make_tar(manifest: Mapping[str, Any], parts: Mapping[str, bytes], suite: Suite) -> bytes:
    """The manifest, with the digests of the parts, and the parts in their order."""
    digests = {name: suite.digest(content).hex() for name, content in parts.items()}
    first = json.dumps({**manifest, "parts": digests}, ensure_ascii=False, indent=1).encode()
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in {MANIFEST: first, **parts}.items():
            part = tarfile.TarInfo(name)  # everything but the size at its default: no clock, no us
            part.size = len(content)
            tar.addfile(part, io.BytesIO(content))
    return file.getvalue()


def read_tar(content: bytes, suite: Suite) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The manifest and the parts that it names. Raises `Broken` where anything contradicts it."""
    parts = _parts(content)
    try:
        manifest = json.loads(parts.pop(MANIFEST))
        named = {str(name): str(digest) for name, digest in manifest["parts"].items()}
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError):
        raise Broken from None
    if named != {name: suite.digest(part).hex() for name, part in parts.items()}:
        raise Broken
    return manifest, parts


def _parts(content: bytes) -> dict[str, bytes]:
    parts: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as tar:
            for member in tar:
                file = tar.extractfile(member) if member.isreg() else None
                if file is None or member.name in parts or len(parts) > MOST_PARTS:
                    raise Broken
                parts[member.name] = file.read()
    except (tarfile.TarError, OSError, ValueError):
        raise Broken from None
    return parts
