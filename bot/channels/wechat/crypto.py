"""Signatures and the AES framing of WeChat's message push.

Source: the platform's "message encryption and decryption" page. The signature is a lower-case
hexadecimal SHA-1 over the sorted parts; the cipher is AES-256-CBC whose IV is the first half of
the key, over `16 random bytes | length, 4 bytes big-endian | message | app id`, padded in the
manner of PKCS#7 to blocks of 32 bytes.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import os
import re
from base64 import b64decode, b64encode
from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from bot.channels.wechat.faults import Unreadable

_AES_KEY = re.compile(r"[A-Za-z0-9+/]{43}")
_BLOCK = 32
_HEAD = 16 + 4


def signature(*parts: str) -> str:
    """The platform's signature over the token and the parts it covers, in any order."""
    return hashlib.sha1(b"".join(sorted(p.encode() for p in parts))).hexdigest()  # noqa: S324


def signed(claim: str, *parts: str) -> bool:
    """Whether `claim` is the signature of `parts`, compared in constant time."""
    return hmac.compare_digest(claim.encode(), signature(*parts).encode())


class MessageCipher:
    """Seals and opens messages with one account's EncodingAESKey."""

    def __init__(
        self, aes_key: str, app_id: str, random_bytes: Callable[[int], bytes] = os.urandom
    ) -> None:
        """`aes_key`: 43 characters as the platform's console shows them; ValueError otherwise."""
        if not _AES_KEY.fullmatch(aes_key):
            raise ValueError("the EncodingAESKey has 43 letters and digits")
        key = b64decode(aes_key + "=")
        # Kept: building it costs as much as enciphering a message.
        self._cipher = Cipher(AES(key), CBC(key[:16]))
        self._app_id = app_id.encode()
        self._random_bytes = random_bytes

    def seal(self, message: bytes) -> str:
        """The base64 text that stands in `Encrypt`."""
        head = self._random_bytes(16) + len(message).to_bytes(4, "big")
        plain = head + message + self._app_id
        pad = _BLOCK - len(plain) % _BLOCK
        work = self._cipher.encryptor()
        return b64encode(work.update(plain + bytes([pad]) * pad) + work.finalize()).decode()

    def open(self, text: str) -> bytes:
        """The message inside `Encrypt`. Raises Unreadable, always with the same reason."""
        try:
            message, app_id = _unframe(self._decipher(b64decode(text, validate=True)))
        except (ValueError, binascii.Error):
            raise Unreadable("cipher") from None
        if not hmac.compare_digest(app_id, self._app_id):
            raise Unreadable("cipher")
        return message

    def _decipher(self, sealed: bytes) -> bytes:
        work = self._cipher.decryptor()
        return work.update(sealed) + work.finalize()


def _unframe(plain: bytes) -> tuple[bytes, bytes]:
    """Message and app id; ValueError when padding or length do not hold together."""
    pad = plain[-1] if plain else 0
    if not 1 <= pad <= _BLOCK or plain[-pad:] != bytes([pad]) * pad:
        raise ValueError("padding")
    body = plain[:-pad]
    length = int.from_bytes(body[16:_HEAD], "big")
    if _HEAD + length > len(body):
        raise ValueError("length")
    return body[_HEAD : _HEAD + length], body[_HEAD + length :]
