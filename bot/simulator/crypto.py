"""The platform's side of message encryption and signatures, independent of the service's codec.

Source: developers.weixin.qq.com, 消息推送 (message push): AES-256-CBC, padding to 32 bytes,
16 random bytes, big-endian length, message, appid.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK = 32


class BadEnvelope(Exception):
    """An encrypted answer that the platform cannot open."""


class PlatformCrypto:
    """Signs and encrypts pushes, checks and opens replies, for one account."""

    def __init__(self, token: str, aes_key: str, app_id: str) -> None:
        key = base64.b64decode(aes_key + "=")
        if len(key) != 32:
            raise ValueError("an EncodingAESKey has 43 characters")
        self._token, self._app_id = token, app_id.encode()
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))

    def signature(self, *parts: str) -> str:
        """SHA-1 over the token and the parts, sorted byte-wise and joined; lower-case hex."""
        joined = "".join(sorted([self._token, *parts]))
        return hashlib.sha1(joined.encode()).hexdigest()  # noqa: S324 - the platform's own choice

    def agrees(self, signature: str, *parts: str) -> bool:
        """Whether `signature` is the one over the parts."""
        return hmac.compare_digest(self.signature(*parts).encode(), signature.encode())

    def encrypt(self, message: bytes) -> str:
        """The base64 text that goes into `Encrypt`."""
        plain = os.urandom(16) + struct.pack(">I", len(message)) + message + self._app_id
        pad = _BLOCK - len(plain) % _BLOCK
        lock = self._cipher.encryptor()
        return base64.b64encode(lock.update(plain + bytes([pad]) * pad) + lock.finalize()).decode()

    def decrypt(self, text: str) -> bytes:
        """The message inside `Encrypt`. Raises `BadEnvelope` on anything that is not exactly so."""
        try:
            sealed = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise BadEnvelope("Encrypt is not base64") from error
        if not sealed or len(sealed) % _BLOCK:
            raise BadEnvelope("the ciphertext is not whole 32-byte blocks")
        key = self._cipher.decryptor()
        return self._unframe(key.update(sealed) + key.finalize())

    def _unframe(self, plain: bytes) -> bytes:
        pad = plain[-1]
        if not 1 <= pad <= _BLOCK or plain[-pad:] != bytes([pad]) * pad:
            raise BadEnvelope("the padding is wrong")
        plain = plain[:-pad]
        if len(plain) < 20:
            raise BadEnvelope("the frame is too short")
        (length,) = struct.unpack(">I", plain[16:20])
        message, app_id = plain[20 : 20 + length], plain[20 + length :]
        if len(message) != length or app_id != self._app_id:
            raise BadEnvelope("length or appid do not fit")
        return message
