"""Certificate mode: whose certificate signed what is told by serial numbers.

Source: opendocs.alipay.com, 公钥证书方式: MD5 of the issuer's name, written backwards from how the
certificate holds it, and the serial number in decimal.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.x509.oid import NameOID

_RSA = "1.2.840.113549.1.1."
_SHORT = {
    NameOID.COUNTRY_NAME: "C",
    NameOID.ORGANIZATION_NAME: "O",
    NameOID.ORGANIZATIONAL_UNIT_NAME: "OU",
    NameOID.COMMON_NAME: "CN",
}


@dataclass(frozen=True, slots=True)
class Certificates:
    """The app's certificate, the platform's, and the roots they come from, as PEM."""

    app: str
    alipay: str
    roots: Sequence[str]

    @property
    def app_sn(self) -> str:
        return serial(_read(self.app))

    @property
    def alipay_sn(self) -> str:
        return serial(_read(self.alipay))

    @property
    def root_sn(self) -> str:
        """The roots' numbers joined by `_`, those alone that are signed with RSA."""
        roots = [_read(pem) for pem in self.roots]
        taken = [r for r in roots if r.signature_algorithm_oid.dotted_string.startswith(_RSA)]
        return "_".join(serial(root) for root in taken)


def serial(certificate: x509.Certificate) -> str:
    """The number by which the gateway knows a certificate."""
    issuer = ",".join(
        f"{_SHORT.get(part.oid, part.oid.dotted_string)}={part.value!s}"
        for part in reversed(list(certificate.issuer))
    )
    told = f"{issuer}{certificate.serial_number}".encode()
    return hashlib.md5(told).hexdigest()  # noqa: S324 - the platform's own choice


def _read(pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pem.encode())
