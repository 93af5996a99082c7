"""The envelope of a file: `SBK1`, suite, name, nonce, and sealed in it a signature and a tar."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

MAGIC, NONCE, TAG, SIGNATURE = b"SBK1", 12, 16, 64


class BadEnvelope(Exception):
    """It does not open, or somebody else signed it."""


def _sm3(data: bytes) -> bytes:
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


@dataclass(frozen=True, slots=True)
class Suite:
    """Digest and cipher; the signature is Ed25519 in both."""

    digest: Callable[[bytes], bytes]
    cipher: Callable[[bytes], algorithms.AES | algorithms.SM4]


SUITES: Mapping[int, Suite] = {
    1: Suite(lambda data: hashlib.sha256(data).digest(), algorithms.AES),
    2: Suite(_sm3, lambda shared: algorithms.SM4(_sm3(shared)[:16])),
}


def sealed(name: str, tar: bytes, *, suite: int, key: Ed25519PrivateKey, shared: bytes) -> bytes:
    """The envelope of a tar."""
    head = MAGIC + bytes([suite, len(name)]) + name.encode("ascii")
    signature = key.sign(head + SUITES[suite].digest(tar))
    nonce = secrets.token_bytes(NONCE)
    cipher = Cipher(SUITES[suite].cipher(shared), modes.GCM(nonce)).encryptor()
    cipher.authenticate_additional_data(head)
    return head + nonce + cipher.update(signature + tar) + cipher.finalize() + cipher.tag


@dataclass(frozen=True, slots=True)
class Opened:
    """What was in an envelope; `digest` is the tar's, in hexadecimal."""

    name: str
    suite: int
    tar: bytes
    digest: str


def opened(body: bytes, *, city: Ed25519PublicKey, shared: bytes) -> Opened:
    """Raises `BadEnvelope`."""
    head, suite, name = _head(body)
    nonce, rest = body[len(head) : len(head) + NONCE], body[len(head) + NONCE :]
    if len(rest) < SIGNATURE + TAG:
        raise BadEnvelope
    mode = modes.GCM(nonce, rest[-TAG:])
    cipher = Cipher(SUITES[suite].cipher(shared), mode).decryptor()
    cipher.authenticate_additional_data(head)
    try:
        plain = cipher.update(rest[:-TAG]) + cipher.finalize()
        signature, tar = plain[:SIGNATURE], plain[SIGNATURE:]
        digest = SUITES[suite].digest(tar)
        city.verify(signature, head + digest)
    except (InvalidTag, InvalidSignature) as error:
        raise BadEnvelope from error
    return Opened(name, suite, tar, digest.hex())


def _head(body: bytes) -> tuple[bytes, int, str]:
    if len(body) < 6 or not body.startswith(MAGIC) or body[4] not in SUITES:
        raise BadEnvelope
    head = body[: 6 + body[5]]
    if len(head) < 6 + body[5] or not head[6:].isascii() or not head[6:]:
        raise BadEnvelope
    return head, body[4], head[6:].decode("ascii")
