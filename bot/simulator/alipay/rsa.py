"""RSA as Alipay's platform does it, independent of the service's own.

Source: opendocs.alipay.com, signing: PKCS #1 v1.5, SHA-256 (RSA2) or SHA-1 (RSA), base64.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

HASHES: dict[str, hashes.HashAlgorithm] = {
    "RSA2": hashes.SHA256(),
    "RSA": hashes.SHA1(),  # noqa: S303 - what old apps sign with
}


def sign(key: RSAPrivateKey, text: bytes, sign_type: str = "RSA2") -> str:
    """The signature of `text`, base64."""
    return base64.b64encode(key.sign(text, padding.PKCS1v15(), HASHES[sign_type])).decode()


def agrees(key: RSAPublicKey, text: bytes, signature: str, sign_type: str) -> bool:
    """Whether `signature` is this key's under `text`."""
    try:
        given = base64.b64decode(signature, validate=True)
        key.verify(given, text, padding.PKCS1v15(), HASHES[sign_type])
    except (InvalidSignature, binascii.Error, ValueError, KeyError):
        return False
    return True


def to_sign(fields: Iterable[tuple[str, bytes]], left_out: Iterable[str] = ("sign",)) -> bytes:
    """What a signature covers: what has a value, by name, `k=v` joined by `&`."""
    without = frozenset(left_out)
    taken = sorted((k.encode(), v) for k, v in fields if v and k not in without)
    return b"&".join(k + b"=" + v for k, v in taken)


def bare(key: RSAPublicKey) -> str:
    """The key as the console shows it: base64 in one line, without head and foot."""
    der = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(der).decode()


def app_key(given: str) -> RSAPublicKey:
    """The public part of an app's private key: PEM, bare base64, or the path of its file.

    Raises ValueError.
    """
    text = given.strip()
    if "\n" not in text and len(text) < 1000 and Path(text).is_file():
        text = Path(text).read_text("ascii").strip()
    if text.startswith("-----"):
        key = serialization.load_pem_private_key(text.encode(), None)
    else:
        key = serialization.load_der_private_key(base64.b64decode("".join(text.split())), None)
    if not isinstance(key, RSAPrivateKey):
        raise ValueError("not an RSA key")
    return key.public_key()
