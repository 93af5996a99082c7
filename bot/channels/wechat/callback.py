"""Whether the address in the platform's console leads to this service: asked as the platform does.

A push can only be answered where the echo of a signed GET comes back as it is.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator
from datetime import datetime
from urllib.parse import urlsplit

import requests

from bot.doctor.callback import OPEN, SECONDS, asked, redirected, unanswered
from bot.doctor.findings import Finding

_ENOUGH = 4096  # bytes of an answer that are looked at

_SETTINGS = "give every process the same SHEBAOKA_WECHAT_TOKEN, and start them anew"


def callback(address: str, token: str, clock: Callable[[], datetime]) -> Iterator[Finding]:
    """Ask for the echo with a good signature, and with a bad one."""
    port = urlsplit(address).port
    if port not in (None, 80, 443):
        told = f"{address}: the platform calls no port but 80 and 443"
        yield Finding("warning", told, "put a proxy before it")
    right = _asked(address, token, clock)
    if right is not None:
        yield right
        return
    wrong = _asked(address, f"{token}x", clock)
    if wrong is None:
        yield Finding("fault", f"{address} answers whoever asks, without a signature", OPEN)
    else:
        yield Finding("ok", f"{address} answers the platform's echo, and nobody else's")


def _asked(address: str, token: str, clock: Callable[[], datetime]) -> Finding | None:
    """None where the echo came back; else what came instead."""
    stamp, nonce, echo = str(int(clock().timestamp())), secrets.token_hex(8), secrets.token_hex(16)
    signature = hashlib.sha1("".join(sorted([token, stamp, nonce])).encode()).hexdigest()  # noqa: S324
    query = {"signature": signature, "timestamp": stamp, "nonce": nonce, "echostr": echo}

    def call() -> requests.Response:
        return requests.get(
            address, params=query, timeout=SECONDS, allow_redirects=False, stream=True
        )

    return asked(address, call, lambda answer: _judged(address, answer, echo))


def _judged(address: str, answer: requests.Response, echo: str) -> Finding | None:
    body = next(answer.iter_content(_ENOUGH), b"")
    if answer.status_code == 200 and body == echo.encode():
        return None
    if answer.is_redirect:
        return redirected(address)
    if answer.status_code == 403:
        return Finding("fault", f"{address} refuses the signature of our token", _SETTINGS)
    return unanswered(address, answer.status_code, "not the echo")
