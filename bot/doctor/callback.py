"""Asking at our own public address, as a platform would: what is wrong before anybody answers.

Entered by the channels' own checks, which judge the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import requests

from bot.doctor.findings import Finding

SECONDS = 3.0
REDIRECT = "set SHEBAOKA_PUBLIC_URL and the console to the address it leads to"
ELSEWHERE = "let the proxy pass this address to `shebaoka serve` unchanged"
OPEN = "another program answers there: pass this address to `shebaoka serve`"
UNREACHABLE = "start `shebaoka serve`, or correct SHEBAOKA_PUBLIC_URL, the proxy or the firewall"
_CERTIFICATE = "renew the certificate, and send its whole chain"

Judged = TypeVar("Judged")


def asked(
    address: str,
    call: Callable[[], requests.Response],
    judge: Callable[[requests.Response], Judged],
) -> Judged | Finding:
    """What `judge` finds in the answer, or why there was none."""
    try:
        with call() as answer:
            return judge(answer)
    except requests.exceptions.SSLError:
        return Finding("fault", f"{address}: its certificate is refused", _CERTIFICATE)
    except requests.RequestException as fault:
        # The class only: the message holds the query, and so the signature.
        return Finding("fault", f"{address}: {type(fault).__name__}", UNREACHABLE)


def unanswered(address: str, status: int, what: str) -> Finding:
    """Something else than `what` came back."""
    remedy = UNREACHABLE if status >= 500 else ELSEWHERE
    return Finding("fault", f"{address} answers {status} and {what}", remedy)


def redirected(address: str) -> Finding:
    """The platform would stop there."""
    return Finding("fault", f"{address} redirects, which the platform does not follow", REDIRECT)
