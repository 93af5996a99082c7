"""Who may use the simulator: this machine alone, or who brings the token.

The simulator shows SMS codes and lets anybody be anybody, so a web page of another site must not
reach it either: the Host is checked against DNS rebinding, the Origin against foreign forms.
"""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from flask import Flask, Response, abort, redirect, request
from werkzeug.wrappers import Response as AnyResponse

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
COOKIE = "simulator_token"


def guard(app: Flask, token: str) -> None:
    """Protect everything under `/simulator`; the offices and the API check their callers."""

    @app.before_request
    def check() -> AnyResponse | None:
        if not request.path.startswith("/simulator"):
            return None
        _check_origin()
        if token:
            return _check_token(token)
        _check_loopback()
        return None

    @app.after_request
    def harden(response: Response) -> Response:
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "same-origin"  # else forms have no Origin
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
            "connect-src 'self'; frame-src http: https:; form-action 'self'; base-uri 'none'; "
            "frame-ancestors 'self'"
        )
        return response


def _check_origin() -> None:
    origin = request.headers.get("Origin")
    if origin and urlsplit(origin).netloc != request.host:
        abort(403)


def _check_loopback() -> None:
    host = urlsplit(f"//{request.host}").hostname
    if host not in _LOOPBACK or request.remote_addr not in _LOOPBACK:
        abort(403)


def _check_token(token: str) -> AnyResponse | None:
    """Take the token from the header or the cookie; from `?token=` once, into the cookie."""
    if asked := request.args.get("token"):
        if not _same(asked, token):
            abort(401)
        answer = redirect(request.path)
        answer.set_cookie(COOKIE, asked, httponly=True, samesite="Strict")
        return answer
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not _same(given or request.cookies.get(COOKIE, ""), token):
        abort(401)
    return None


def _same(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), token.encode())
