"""Sealing personal data: AES-256-GCM under a key of its own per record, and the blind index.

A sealed blob is `algorithm (1) · key version (2) · salt (16) · nonce (12) · ciphertext and tag`.
The record's key is HKDF-Expand (RFC 5869, one block of HMAC-SHA256) of the data key and the salt;
the associated data are the blob's own head and `where`, so that a blob moved to another row, column
or Redis key does not open. The algorithm byte leaves room for SM4-GCM.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Sequence
from struct import Struct
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_AES_256_GCM = 1
_PREFIX = Struct(">BH")
_SALT_BYTES, _NONCE_BYTES, _TAG_BYTES = 16, 12, 16
_HEAD_BYTES = _PREFIX.size + _SALT_BYTES
_LEAST_BYTES = _HEAD_BYTES + _NONCE_BYTES + _TAG_BYTES
_INFO = b"shebaoka record"


class SealError(Exception):
    """A blob that does not open: damaged, moved from its place, or sealed under a missing key."""


class Keyring:
    """The data keys by version, newest first, and the key of the blind index.

    Sealing uses the newest data key; opening uses the one the blob names. Thread-safe: nothing
    changes after construction. Raises ValueError for keys that are not 32 bytes or used twice.
    """

    PREFIX_BYTES: Final = _PREFIX.size

    def __init__(self, data_keys: Sequence[tuple[int, bytes]], index_key: bytes) -> None:
        _check(data_keys, index_key)
        self._derive = {version: _derivation(key) for version, key in data_keys}
        self._index_key = index_key
        self.newest = data_keys[0][0]
        self.newest_prefix = _PREFIX.pack(_AES_256_GCM, self.newest)

    @property
    def versions(self) -> frozenset[int]:
        """The versions this ring can open."""
        return frozenset(self._derive)

    def seal(self, plain: bytes, where: str) -> bytes:
        """`plain` sealed under the newest key for the place `where` (see `records.place`)."""
        fresh = os.urandom(_SALT_BYTES + _NONCE_BYTES)
        salt, nonce = fresh[:_SALT_BYTES], fresh[_SALT_BYTES:]
        head = self.newest_prefix + salt
        cipher = AESGCM(_record_key(self._derive[self.newest], salt))
        return head + nonce + cipher.encrypt(nonce, plain, head + where.encode())

    def open(self, blob: bytes, where: str) -> bytes:
        """The plain bytes sealed for `where`. Raises SealError, which holds no part of them."""
        derive = self._derive.get(self.version_of(blob))
        if derive is None:
            raise SealError(f"no data key of version {self.version_of(blob)}")
        head = blob[:_HEAD_BYTES]
        nonce_end = _HEAD_BYTES + _NONCE_BYTES
        cipher = AESGCM(_record_key(derive, head[_PREFIX.size :]))
        try:
            return cipher.decrypt(
                blob[_HEAD_BYTES:nonce_end], blob[nonce_end:], head + where.encode()
            )
        except InvalidTag:
            raise SealError("does not open: damaged or not sealed for this place") from None

    @staticmethod
    def version_of(blob: bytes) -> int:
        """The data key version a blob is sealed under. Raises SealError for a foreign blob."""
        if len(blob) < _LEAST_BYTES:
            raise SealError("not a sealed blob")
        return Keyring.version_of_prefix(blob)

    @staticmethod
    def version_of_prefix(blob: bytes) -> int:
        """The same, from no more than a blob's first PREFIX_BYTES."""
        if len(blob) < _PREFIX.size or blob[0] != _AES_256_GCM:
            raise SealError("not a sealed blob")
        version: int = _PREFIX.unpack_from(blob)[1]
        return version

    def index(self, field: str, kind: str, value: str) -> str:
        """The blind index of a normalised value: 64 hexadecimal digits, equal for equal input.

        Field name and kind are part of it, so that one value in two columns cannot be matched.
        """
        message = "\x00".join((field, kind, value)).encode()
        return hmac.digest(self._index_key, message, "sha256").hex()


def _derivation(data_key: bytes) -> hmac.HMAC:
    """HKDF-Expand up to the salt, the same for every record: to be copied, then ended."""
    return hmac.new(data_key, _INFO, hashlib.sha256)


def _record_key(derivation: hmac.HMAC, salt: bytes) -> bytes:
    mine = derivation.copy()
    mine.update(salt + b"\x01")
    return mine.digest()


def _check(data_keys: Sequence[tuple[int, bytes]], index_key: bytes) -> None:
    if not data_keys:
        raise ValueError("at least one data key is needed")
    if len({version for version, _ in data_keys}) < len(data_keys):
        raise ValueError("two data keys have the same version")
    keys = [key for _, key in data_keys] + [index_key]
    if any(len(key) != KEY_BYTES for key in keys):
        raise ValueError(f"every key must have {KEY_BYTES} bytes")
    if len(set(keys)) < len(keys):
        raise ValueError("one key is used for two things")
    if not all(0 < version < 1 << 16 for version, _ in data_keys):
        raise ValueError("a key version lies between 1 and 65535")
