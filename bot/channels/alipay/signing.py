"""RSA as Alipay uses it: keys in every form they are handed out in, signatures, what is signed.

Source: docs.open.alipay.com, signing (RSA2 is SHA-256, RSA is SHA-1, both PKCS #1 v1.5).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

SignType = Literal["RSA2", "RSA"]
_HASHES: Mapping[str, hashes.HashAlgorithm] = MappingProxyType(
    {"RSA2": hashes.SHA256(), "RSA": hashes.SHA1()}  # noqa: S303 - the old apps' only way
)
V1 = frozenset({b"sign", b"sign_type"})
"""Left out of what is signed in trade and From-Ant messages."""
V2 = frozenset({b"sign"})
"""Left out of what is signed in the life account's messages and in requests."""


class KeyFault(Exception):
    """A key that cannot be read. Holds nothing of it."""


def private_key(given: str) -> RSAPrivateKey:
    """A key as PEM (PKCS #1 or #8), as the bare base64 the console shows, or as a file's path."""
    for der in _bodies(given, "PRIVATE KEY"):
        try:
            key = serialization.load_pem_private_key(der, None)
        except (ValueError, TypeError):
            continue
        if isinstance(key, RSAPrivateKey):
            return key
    raise KeyFault("not an RSA private key")


def public_key(given: str) -> RSAPublicKey:
    """A public key in the same forms."""
    for der in _bodies(given, "PUBLIC KEY"):
        try:
            key = serialization.load_pem_public_key(der)
        except (ValueError, TypeError):
            continue
        if isinstance(key, RSAPublicKey):
            return key
    raise KeyFault("not an RSA public key")


def one_line(key: RSAPublicKey) -> str:
    """The key as the console and `verifygw` want it: base64 without head and line ends."""
    der = key.public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(der).decode()


def sign(key: RSAPrivateKey, text: bytes, sign_type: SignType = "RSA2") -> str:
    """The signature of these bytes, base64."""
    return base64.b64encode(key.sign(text, padding.PKCS1v15(), _HASHES[sign_type])).decode()


def holds(key: RSAPublicKey, text: bytes, signature: str, sign_type: str) -> bool:
    """Whether a signature holds; False for whatever is no signature. Spaces count as `+`: some
    senders do not escape it."""
    try:
        raw = base64.b64decode(signature.replace(" ", "+"), validate=True)
        key.verify(raw, text, padding.PKCS1v15(), _HASHES[sign_type])
    except (InvalidSignature, binascii.Error, ValueError, KeyError):
        return False
    return True


def signed_text(fields: Iterable[tuple[bytes, bytes]], left_out: Collection[bytes]) -> bytes:
    """What a signature covers: fields with a value, sorted by name, `k=v` joined by `&`, raw."""
    taken = sorted((name, value) for name, value in fields if value and name not in left_out)
    return b"&".join(name + b"=" + value for name, value in taken)


def _bodies(given: str, what: str) -> Iterable[bytes]:
    """The PEMs that a key's text may mean, the likeliest first."""
    text = given.strip()
    if text and "\n" not in text and len(text) < 1024 and not text.startswith("-----"):
        with suppress(OSError):  # no file; a key may be longer than any file's name
            text = Path(text).read_text("ascii", errors="replace").strip()
    if text.startswith("-----"):
        yield text.encode()
        return
    lines = "\n".join(text.split())
    for kind in (what, f"RSA {what}"):
        yield f"-----BEGIN {kind}-----\n{lines}\n-----END {kind}-----\n".encode()
