"""Alipay's content encryption: of requests and answers, and of a mini program's phone numbers.

AES-128-CBC with PKCS #7, an IV of sixteen zero bytes, base64. It hides, and does not prove where
something comes from: a signature stands over what it made.

Source: opendocs.alipay.com, 接口内容加密方式.
"""

from __future__ import annotations

import base64
import binascii

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

KEY_BYTES = 16
_BLOCK_BITS = 128
_IV = bytes(16)


class SealFault(Exception):
    """What cannot be opened with this key. Holds nothing of it."""


def aes_key(given: str) -> bytes:
    """The key as the console shows it: base64 of 16 bytes. Raises SealFault."""
    try:
        key = base64.b64decode(given, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise SealFault(f"not base64 of {KEY_BYTES} bytes")
    return key


def sealed(text: str, key: bytes) -> str:
    """What stands in the place of `biz_content`, base64."""
    pad = padding.PKCS7(_BLOCK_BITS).padder()
    padded = pad.update(text.encode()) + pad.finalize()
    lock = Cipher(algorithms.AES(key), modes.CBC(_IV)).encryptor()
    return base64.b64encode(lock.update(padded) + lock.finalize()).decode()


def opened(given: str, key: bytes) -> bytes:
    """What was sealed. Call it for what a signature stands over only. Raises SealFault."""
    try:
        unlock = Cipher(algorithms.AES(key), modes.CBC(_IV)).decryptor()
        padded = unlock.update(base64.b64decode(given, validate=True)) + unlock.finalize()
        unpad = padding.PKCS7(_BLOCK_BITS).unpadder()
        return unpad.update(padded) + unpad.finalize()
    except ValueError:  # binascii.Error is one
        raise SealFault("not sealed with this key") from None
