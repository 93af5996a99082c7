"""The private keys of the two desks: drawn once for each folder."""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

DESKS = ("province", "bank")


def desk_key(folder: Path, desk: str) -> Ed25519PrivateKey:
    """The key of a folder's desk, drawn where there is none yet."""
    file = folder / f"{desk}.key"
    if not file.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = b64encode(Ed25519PrivateKey.generate().private_bytes_raw())
        draft = folder / f".{desk}.key.{os.getpid()}"
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as page:
            page.write(key)
        try:
            os.link(draft, file)  # not over one that somebody else drew meanwhile
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return Ed25519PrivateKey.from_private_bytes(b64decode(file.read_bytes()))


def public_key(folder: Path, desk: str) -> str:
    """Its public part as a setting holds it: base64 of 32 bytes."""
    raw = (
        desk_key(folder, desk)
        .public_key()
        .public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    )
    return b64encode(raw).decode()
