"""Certificate mode: serial numbers as Alipay computes them, keys, and when each certificate ends.

Source: docs.open.alipay.com, 公钥证书签名; the numbers are compared with published ones in tests.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import md5
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from bot.channels.alipay.signing import KeyFault, one_line

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----")
_RSA = "1.2.840.113549.1.1."
_RSA_DER = bytes.fromhex("2a864886f70d0101")


@dataclass(frozen=True, slots=True)
class Certificates:
    """What certificate mode adds to the private key. `ends` is when each stops to hold, by the
    name of its setting."""

    app_sn: str
    alipay_sn: str
    root_sn: str
    own: RSAPublicKey
    alipays: RSAPublicKey
    ends: Mapping[str, datetime]


def read_certificates(app: str, alipay: str, root: str) -> Certificates:
    """The three files of the console, each as PEM or as a path. Raises KeyFault."""
    ours, theirs = _first("app", app), _first("Alipay's", alipay)
    return Certificates(
        app_sn=serial_number(ours),
        alipay_sn=serial_number(theirs),
        root_sn=root_serial_number(root),
        own=_rsa_key(ours),
        alipays=_rsa_key(theirs),
        ends={"app_cert": ours.not_valid_after_utc, "public_cert": theirs.not_valid_after_utc},
    )


def certificate_of(given: str) -> x509.Certificate | None:
    """The first certificate in a PEM or a file; None where there is none, or it is broken."""
    try:
        return _first("the", given)
    except KeyFault:
        return None


def serial_number(certificate: x509.Certificate) -> str:
    """`app_cert_sn`, `alipay_cert_sn`: MD5 over the issuer's name and the decimal serial."""
    named = f"{certificate.issuer.rfc4514_string()}{certificate.serial_number}"
    return md5(named.encode(), usedforsecurity=False).hexdigest()


def root_serial_number(given: str) -> str:
    """`alipay_root_cert_sn`: those of the bundle's certificates that are signed with RSA, the
    others (SM2, ECC) left out. Raises KeyFault."""
    numbers = [
        serial_number(certificate)
        for pem in _pems(given)
        if (certificate := _loaded(pem)) is not None
        and certificate.signature_algorithm_oid.dotted_string.startswith(_RSA)
    ]
    if not numbers:
        raise KeyFault("no root certificate that is signed with RSA")
    return "_".join(numbers)


def check_pair(own: RSAPublicKey, certificates: Certificates) -> None:
    """Raises KeyFault: a certificate of another key, or ours in the place of Alipay's."""
    if one_line(own) != one_line(certificates.own):
        raise KeyFault("the app's certificate is not of this private key")
    if one_line(own) == one_line(certificates.alipays):
        raise KeyFault("this is our own certificate: Alipay's (alipayCertPublicKey) stands here")


def _first(whose: str, given: str) -> x509.Certificate:
    pems = _pems(given)
    loaded = _loaded(pems[0]) if pems else None
    if loaded is None:
        raise KeyFault(f"{whose} certificate cannot be read")
    return loaded


def _pems(given: str) -> list[str]:
    """Each certificate of a bundle by its own marks: lines between them may be empty or not, and
    end as they like."""
    text = given.strip()
    if text and "-----" not in text and len(text) < 1024:
        path = Path(text)
        text = path.read_text("utf-8", errors="replace") if path.is_file() else ""
    return [pem.replace("\r", "") for pem in _PEM.findall(text)]


def _loaded(pem: str) -> x509.Certificate | None:
    """None for one of the kinds that no number is computed of, where it cannot even be read: one
    of Alipay's own roots says its curve's parameters in a way that is not strictly allowed."""
    try:
        return x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        if _RSA_DER in _der(pem):
            raise KeyFault("a certificate that cannot be read") from None
        return None


def _der(pem: str) -> bytes:
    try:
        return base64.b64decode("".join(pem.splitlines()[1:-1]))
    except binascii.Error:
        raise KeyFault("a certificate that cannot be read") from None


def _rsa_key(certificate: x509.Certificate) -> RSAPublicKey:
    key = certificate.public_key()
    if not isinstance(key, RSAPublicKey):
        raise KeyFault("a certificate without an RSA key")
    return key
