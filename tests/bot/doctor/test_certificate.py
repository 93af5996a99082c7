"""The site's certificate, over a real TLS connection: good, near its end, over, not trusted."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.doctor.certificate import ENOUGH_DAYS, certificate
from bot.doctor.findings import Finding


def _drawn(folder: Path, days: float) -> Path:
    """A certificate of `localhost`, signed by itself, with its key, ending in so many days."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    drawn = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=90))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        drawn.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


@contextmanager
def _site(pem: Path) -> Iterator[str]:
    """A server that does nothing but the handshake."""
    sealed = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    sealed.load_cert_chain(pem)
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with suppress(OSError):  # the end of the test
            while True:
                plain, _ = listening.accept()
                with plain, suppress(OSError), sealed.wrap_socket(plain, server_side=True) as got:
                    got.recv(1)

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"https://localhost:{listening.getsockname()[1]}"
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join()


def _trusting(pem: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(pem))


def _looked(tmp_path: Path, days: float, *, trusted: bool = True) -> Finding:
    pem = _drawn(tmp_path, days)
    with _site(pem) as address:
        context = _trusting(pem) if trusted else None
        (found,) = certificate(address, datetime.now(UTC), context)
    return found


def test_a_certificate_that_holds_is_well(tmp_path: Path) -> None:
    found = _looked(tmp_path, ENOUGH_DAYS + 0.5)
    assert (found.level, f"holds for {ENOUGH_DAYS} days" in found.told) == ("ok", True)


def test_a_certificate_near_its_end_is_a_warning(tmp_path: Path) -> None:
    found = _looked(tmp_path, ENOUGH_DAYS - 0.5)
    assert (found.level, "renew" in found.remedy) == ("warning", True)


def test_a_certificate_that_is_over_is_a_fault(tmp_path: Path) -> None:
    found = _looked(tmp_path, -1)
    assert (found.level, "expired" in found.told) == ("fault", True)


def test_a_certificate_that_nobody_trusts_is_a_fault(tmp_path: Path) -> None:
    found = _looked(tmp_path, 60, trusted=False)
    assert (found.level, "is refused" in found.told) == ("fault", True)


def test_a_site_that_is_not_there_is_a_fault() -> None:
    (found,) = certificate("https://127.0.0.1:9", datetime.now(UTC))
    assert (found.level, "ConnectionRefusedError" in found.told) == ("fault", True)


def test_an_address_without_https_is_a_warning() -> None:
    (found,) = certificate("http://card.example", datetime.now(UTC))
    assert found.level == "warning"
