"""How long the site's certificate still holds."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from bot.doctor.findings import Finding

SECONDS = 3.0
ENOUGH_DAYS = 21
_RENEW = "renew the certificate, and look why it was not renewed by itself"


def certificate(
    address: str, now: datetime, context: ssl.SSLContext | None = None
) -> Iterator[Finding]:
    """The certificate of this https address, as a browser sees it. `context`: what to trust
    instead of the machine's own authorities."""
    place = urlsplit(address)
    if place.scheme != "https":
        told = f"{address} is no https address: everybody on the way can read what is sent"
        yield Finding("warning", told, "put a certificate before it, as deploy/README.md does")
        return
    where = (place.hostname or "", place.port or 443)
    try:
        ends = _ends(where, context or ssl.create_default_context())
    except ssl.SSLCertVerificationError as fault:
        told = f"the certificate of {where[0]} is refused: {fault.verify_message}"
        yield Finding("fault", told, _RENEW)
    except OSError as fault:  # an SSLError is one
        told = f"no certificate to be seen at {where[0]}:{where[1]}: {type(fault).__name__}"
        yield Finding("fault", told, "see that the site can be reached from this machine")
    else:
        yield _judged(where[0], (ends - now).days, ends)


def _ends(where: tuple[str, int], context: ssl.SSLContext) -> datetime:
    with (
        socket.create_connection(where, SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=where[0]) as sealed,
    ):
        told = (sealed.getpeercert() or {}).get("notAfter", "")
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(told)), UTC)


def _judged(host: str, days: int, ends: datetime) -> Finding:
    told = f"the certificate of {host} holds for {days} days, until {ends:%Y-%m-%d}"
    return Finding("ok", told) if days >= ENOUGH_DAYS else Finding("warning", told, _RENEW)
