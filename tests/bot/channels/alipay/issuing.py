"""Keys and certificates drawn for a test."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

BEGINS, ENDS = datetime(2026, 1, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)


def drawn_key() -> rsa.RSAPrivateKey:
    """A new key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def key_of(whose: str) -> rsa.RSAPrivateKey:
    """One key for each name in this process: drawing one takes a while."""
    return drawn_key()


def private_pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def public_pem(key: rsa.RSAPrivateKey) -> str:
    return (
        key.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode()
    )


def certificate_for(
    key: rsa.RSAPrivateKey, *, unit: str = "Test Unit", ends: datetime = ENDS
) -> str:
    """A certificate of this key, as PEM."""
    names = [(NameOID.COUNTRY_NAME, "CN"), (NameOID.ORGANIZATION_NAME, "Test")]
    names += [(NameOID.ORGANIZATIONAL_UNIT_NAME, unit)] if unit else []
    names += [(NameOID.COMMON_NAME, "Test Authority")]
    issuer = x509.Name([x509.NameAttribute(oid, value) for oid, value in names])
    made = (
        x509.CertificateBuilder()
        .issuer_name(issuer)
        .subject_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(BEGINS)
        .not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()
