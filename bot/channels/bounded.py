"""An HTTP adapter for a platform's API: every call has an end, every answer a size.

What both platforms' clients stand on. Each gives its own meaning to `Unanswered`.
"""

from __future__ import annotations

import logging
import re
import time
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Literal, NamedTuple

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, MaxRetryError

CONNECT_SECONDS = 2.0
POOL = 32
_CHUNK = 64 * 1024
_SECRETS = re.compile(
    r"((?:access_token|auth_token|secret|js_code|refresh_token|biz_content|sign)=)[^&\s\"']+"
)


class Allowance(NamedTuple):
    """What one call may take, handed through requests in the place of its time-out."""

    seconds: float
    bytes: int


class Unanswered(Exception):
    """No answer that may be read: none came, it was too long, or it leads elsewhere.

    `unknown`: the call may have been carried out. Holds no address.
    """

    def __init__(
        self, kind: Literal["away", "redirected", "too large"], detail: str, *, unknown: bool
    ) -> None:
        super().__init__(detail)
        self.kind, self.detail, self.unknown = kind, detail, unknown


def bounded_session(adapter: HTTPAdapter) -> requests.Session:
    """A session whose every request goes through `adapter`.

    It keeps no cookie, reads no proxy or .netrc of the environment, and logs no secret.
    """
    session = requests.Session()
    session.trust_env = False
    session.headers["Accept-Encoding"] = "identity"  # so that a size is the size
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    hide_secrets_in_logs()
    return session


class BoundedAdapter(HTTPAdapter):
    """Bounds time and size; raises Unanswered and nothing else."""

    def __init__(self) -> None:
        super().__init__(pool_connections=2, pool_maxsize=POOL, max_retries=0)

    def send(  # type: ignore[override]
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Allowance | None = None,
        **more: Any,
    ) -> requests.Response:
        """The answer, its body read. The allowance is the whole call's; a server that drips may
        take it twice, for its head and for its body."""
        allowed = timeout or Allowance(CONNECT_SECONDS, _CHUNK)
        if allowed.seconds <= 0:
            raise Unanswered("away", "no time left", unknown=False)
        ends = time.monotonic() + allowed.seconds
        waits = (min(CONNECT_SECONDS, allowed.seconds), allowed.seconds)
        try:
            answer = super().send(request, stream=True, timeout=waits, **more)
        except requests.RequestException as fault:
            # From None: the message of requests holds the address, and with it secrets.
            raise _no_answer(fault) from None
        with answer:
            return _read(answer, allowed.bytes, ends)


def _no_answer(fault: requests.RequestException) -> Unanswered:
    """No answer came. Unknown unless the request cannot have left."""
    stayed = isinstance(fault, requests.ConnectTimeout | requests.exceptions.InvalidURL)
    cause = fault.args[0] if fault.args else None
    unknown = not stayed and not isinstance(cause, MaxRetryError)
    return Unanswered("away", type(fault).__name__, unknown=unknown)


def _read(answer: requests.Response, limit: int, ends: float) -> requests.Response:
    """The answer with its body, decompressed, within `limit` bytes and before `ends`."""
    if answer.is_redirect:
        raise Unanswered("redirected", "redirected", unknown=False)
    body = bytearray()
    try:
        # read1 returns with what has come, so that the clock is looked at while a server drips.
        while chunk := answer.raw.read1(_CHUNK, decode_content=True):
            body += chunk
            if len(body) > limit:
                raise Unanswered("too large", "too large", unknown=False)
            if time.monotonic() > ends:
                raise Unanswered("away", "slow body", unknown=True)
    except (HTTPError, OSError) as fault:
        raise Unanswered("away", type(fault).__name__, unknown=True) from None
    answer._content = bytes(body)
    answer._content_consumed = True  # type: ignore[attr-defined]
    return answer


class _HideSecrets(logging.Filter):
    """urllib3 logs whole addresses when debugging is on, and secrets stand in some."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _SECRETS.sub(r"\1…", record.getMessage())
        record.args = ()
        return True


_hide_secrets = _HideSecrets()


def hide_secrets_in_logs() -> None:
    """Take tokens and secrets out of what urllib3 logs. Doing it again changes nothing."""
    for name in ("urllib3.connectionpool", "urllib3.util.retry"):
        logging.getLogger(name).addFilter(_hide_secrets)
