"""The platform's own key pair, drawn once for each data folder."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from bot.simulator.alipay.rsa import bare

FILE = "alipay_platform.pem"
BITS = 2048


def drawn() -> RSAPrivateKey:
    """A fresh key of the size that Alipay's tool makes."""
    return rsa.generate_private_key(public_exponent=65537, key_size=BITS)


def platform_key(folder: Path) -> RSAPrivateKey:
    """The key that the platform signs with, for our eyes only; drawn when there is none yet."""
    place = folder / FILE
    if not place.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = drawn()
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        draft = folder / f".{FILE}.{os.getpid()}"
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as page:
            page.write(pem)
        draft.replace(place)
    kept = serialization.load_pem_private_key(place.read_bytes(), None)
    if not isinstance(kept, RSAPrivateKey):
        raise ValueError(f"{FILE} holds no RSA key")
    return kept


def platform_public_key(folder: Path) -> str:
    """Its public part, as the console shows it to the app's people."""
    return bare(platform_key(folder).public_key())
