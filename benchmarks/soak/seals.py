"""Opening what the service sealed, written anew from docs/decisions/2026-11-22-sealing.md.

A blob is algorithm (1) · key version (2) · salt (16) · nonce (12) · ciphertext and tag; its key is
one block of HKDF-Expand over the data key with the info "shebaoka record" and the salt; the
associated data are the blob's head and its place.
"""

from __future__ import annotations

import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

HEAD, NONCE = 19, 12


def opened(blob: bytes, data_key: bytes, place: str) -> bytes:
    """The plain bytes. Raises InvalidTag of `cryptography`; ValueError for a foreign blob."""
    if blob[:1] != b"\x01":
        raise ValueError("not sealed by AES-256-GCM")
    head, nonce, rest = blob[:HEAD], blob[HEAD : HEAD + NONCE], blob[HEAD + NONCE :]
    key = hmac.new(data_key, b"shebaoka record" + head[3:] + b"\x01", hashlib.sha256).digest()
    return AESGCM(key).decrypt(nonce, rest, head + place.encode())
