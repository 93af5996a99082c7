"""Content encryption as the platform does it: AES-128-CBC, PKCS #7, an IV of zeros, base64.

Source: opendocs.alipay.com, 接口内容加密.
"""

from __future__ import annotations

import base64
import binascii

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

_NO_IV = bytes(16)
_BITS = 128


class Unreadable(Exception):
    """A text that was not encrypted with this key."""


def encrypt(key: bytes, text: bytes) -> str:
    """base64 of the encrypted text."""
    padder = PKCS7(_BITS).padder()
    padded = padder.update(text) + padder.finalize()
    cipher = Cipher(algorithms.AES(key), modes.CBC(_NO_IV)).encryptor()
    return base64.b64encode(cipher.update(padded) + cipher.finalize()).decode()


def decrypt(key: bytes, text: str) -> bytes:
    """What was encrypted. Raises `Unreadable`."""
    try:
        raw = base64.b64decode(text, validate=True)
        cipher = Cipher(algorithms.AES(key), modes.CBC(_NO_IV)).decryptor()
        padded = cipher.update(raw) + cipher.finalize()
        unpadder = PKCS7(_BITS).unpadder()
        return unpadder.update(padded) + unpadder.finalize()
    except (binascii.Error, ValueError) as error:
        raise Unreadable from error
