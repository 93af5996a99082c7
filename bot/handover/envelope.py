"""The envelope of a file: named, signed, sealed. Its bytes are written down in docs/handover.md."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bot.handover.suites import SUITES, TAG_BYTES, Broken, Suite

MAGIC = b"SBK1"
NONCE_BYTES, SIGNATURE_BYTES = 12, 64
NAME = re.compile(r"SBK_\d{6}_\d{8}_\d{4,9}_(ORD|REP|ANS)", re.ASCII)


@dataclass(frozen=True, slots=True, repr=False)
class Pair:
    """The keys between us and one destination: what we sign with, by what we know it, what seals
    in both directions. 32 bytes each."""

    private: bytes
    public: bytes
    shared: bytes


@dataclass(frozen=True, slots=True)
class Opened:
    """What was in an envelope. `digest`: of the tar, hexadecimal."""

    name: str
    tar: bytes
    digest: str
    suite: Suite


def close_envelope(name: str, tar: bytes, suite: Suite, keys: Pair) -> bytes:
    """The tar, signed by us and sealed. Different each time; its digest is not."""
    head = MAGIC + bytes([suite.number, len(name)]) + name.encode("ascii")
    signed = Ed25519PrivateKey.from_private_bytes(keys.private).sign(head + suite.digest(tar))
    nonce = os.urandom(NONCE_BYTES)
    return head + nonce + suite.seal(keys.shared, nonce, signed + tar, head)


def open_envelope(content: bytes, keys: Pair) -> Opened:
    """What the other side signed. Raises `Broken` for whatever it did not."""
    head, suite = _head(content)
    nonce, sealed = content[len(head) :][:NONCE_BYTES], content[len(head) + NONCE_BYTES :]
    if len(nonce) < NONCE_BYTES or len(sealed) < SIGNATURE_BYTES + TAG_BYTES:
        raise Broken
    plain = suite.open(keys.shared, nonce, sealed, head)
    signed, tar = plain[:SIGNATURE_BYTES], plain[SIGNATURE_BYTES:]
    digest = suite.digest(tar)
    try:
        Ed25519PublicKey.from_public_bytes(keys.public).verify(signed, head + digest)
    except InvalidSignature:
        raise Broken from None
    return Opened(head[len(MAGIC) + 2 :].decode("ascii"), tar, digest.hex(), suite)


def _head(content: bytes) -> tuple[bytes, Suite]:
    """Everything before the nonce, and the suite that it names."""
    first = len(MAGIC) + 2
    if len(content) < first or not content.startswith(MAGIC) or content[4] not in SUITES:
        raise Broken
    head = content[: first + content[5]]
    if not NAME.fullmatch(head[first:].decode("ascii", "replace")):
        raise Broken
    return head, SUITES[content[4]]
