"""What digests and seals a file: two suites behind one interface. Both are signed by Ed25519.

SM2, which some provinces sign with, is not in the library we stand on: a suite for it would bring
its own three functions and a number of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

TAG_BYTES = 16
SM4_KEY_BYTES = 16


class Broken(Exception):
    """A sealed file that does not open: damaged, or sealed with another key."""


Seal = Callable[[bytes, bytes, bytes, bytes], bytes]
"""Of key (32 bytes), nonce (12), content and associated data."""


@dataclass(frozen=True, slots=True)
class Suite:
    """`digest` gives 32 bytes; `open` raises `Broken`."""

    number: int
    digest: Callable[[bytes], bytes]
    seal: Seal
    open: Seal


def _sha256(content: bytes) -> bytes:
    return _digest(hashes.SHA256(), content)


def _sm3(content: bytes) -> bytes:
    return _digest(hashes.SM3(), content)


def _digest(algorithm: hashes.HashAlgorithm, content: bytes) -> bytes:
    digest = hashes.Hash(algorithm)
    digest.update(content)
    return digest.finalize()


def _seal_aes(key: bytes, nonce: bytes, content: bytes, beside: bytes) -> bytes:
    return AESGCM(key).encrypt(nonce, content, beside)


def _open_aes(key: bytes, nonce: bytes, content: bytes, beside: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(nonce, content, beside)
    except InvalidTag:
        raise Broken from None


def _seal_sm4(key: bytes, nonce: bytes, content: bytes, beside: bytes) -> bytes:
    cipher = Cipher(algorithms.SM4(_sm4_key(key)), modes.GCM(nonce)).encryptor()
    cipher.authenticate_additional_data(beside)
    return cipher.update(content) + cipher.finalize() + cipher.tag


def _open_sm4(key: bytes, nonce: bytes, content: bytes, beside: bytes) -> bytes:
    sealed, tag = content[:-TAG_BYTES], content[-TAG_BYTES:]
    try:
        cipher = Cipher(algorithms.SM4(_sm4_key(key)), modes.GCM(nonce, tag)).decryptor()
        cipher.authenticate_additional_data(beside)
        return cipher.update(sealed) + cipher.finalize()
    except (InvalidTag, ValueError):  # ValueError: too short to have a tag
        raise Broken from None


def _sm4_key(shared: bytes) -> bytes:
    return _sm3(shared)[:SM4_KEY_BYTES]


SUITES: Mapping[int, Suite] = {
    1: Suite(1, _sha256, _seal_aes, _open_aes),
    2: Suite(2, _sm3, _seal_sm4, _open_sm4),
}
