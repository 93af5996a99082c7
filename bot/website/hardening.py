"""What every answer of the site carries, and what it never does: no cookie of Flask's own."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Request, Response
from flask.sessions import SessionInterface

POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'"
HEADERS = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
)


def harden(response: Response) -> Response:
    """What every answer of the site carries, an unknown address's too. A page with a policy of its
    own keeps that."""
    for name, value in HEADERS:
        response.headers.setdefault(name, value)
    return response


def personal(response: Response, frames: str) -> Response:
    """A page about somebody: kept by nobody on the way, shown inside no page of others (but the
    messenger's own, whose script we run: `frames`), with scripts of ours alone."""
    ours = "script-src 'self'; connect-src 'self'"
    around = f"frame-ancestors 'self' {origin_of(frames)}"
    response.headers["Content-Security-Policy"] = f"{POLICY}; {ours}; {around}"
    response.headers["Cache-Control"] = "no-store"
    return response


def origin_of(url: str) -> str:
    """Scheme and host of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class NoCookies(SessionInterface):
    """Nothing is remembered of a visitor: Flask's own opens and signs a cookie at each request."""

    def open_session(self, app: Flask, request: Request) -> None:
        return None
