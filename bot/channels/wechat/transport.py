"""How the API is reached: one adapter that every call of wechatpy passes, hard-coded ones too."""

from __future__ import annotations

import logging
import re
import time
from http.cookiejar import DefaultCookiePolicy
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, MaxRetryError

from bot.channels.wechat.errors import Kind, PlatformError

PLATFORM = "https://api.weixin.qq.com"
CONNECT_SECONDS = 2.0
POOL = 32
_CHUNK = 64 * 1024
_SECRETS = re.compile(r"((?:access_token|secret|js_code)=)[^&\s\"']+")


class Allowance(NamedTuple):
    """What one call may take, handed through requests in the place of its time-out."""

    seconds: float
    bytes: int


def platform_session(api_base: str) -> requests.Session:
    """A session whose every request goes to `api_base`, whatever address wechatpy wrote.

    It keeps no cookie and reads no proxy or .netrc of the environment.
    """
    session = requests.Session()
    session.trust_env = False
    session.headers["Accept-Encoding"] = "identity"  # so that a size is the size
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = PlatformAdapter(api_base)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    hide_secrets_in_logs()
    return session


class PlatformAdapter(HTTPAdapter):
    """Sends to the base address; bounds time and size; raises PlatformError and nothing else."""

    def __init__(self, api_base: str) -> None:
        self._base = api_base.rstrip("/")
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
            raise PlatformError(Kind.TRANSIENT, "no time left")
        request.url = self._address(request.url or "")
        ends = time.monotonic() + allowed.seconds
        waits = (min(CONNECT_SECONDS, allowed.seconds), allowed.seconds)
        try:
            answer = super().send(request, stream=True, timeout=waits, **more)
        except requests.RequestException as fault:
            # From None: the message of requests holds the address, and with it the token.
            raise _unanswered(fault) from None
        with answer:
            return _read(answer, allowed.bytes, ends)

    def _address(self, url: str) -> str:
        whole = urlsplit(url)
        if f"{whole.scheme}://{whole.netloc}" != PLATFORM:
            raise PlatformError(Kind.BUG, "a call that is not the platform's")
        return self._base + url.removeprefix(PLATFORM)


def _unanswered(fault: requests.RequestException) -> PlatformError:
    """No answer came. Unknown unless the request cannot have left."""
    stayed = isinstance(fault, requests.ConnectTimeout | requests.exceptions.InvalidURL)
    cause = fault.args[0] if fault.args else None
    unknown = not stayed and not isinstance(cause, MaxRetryError)
    return PlatformError(Kind.TRANSIENT, type(fault).__name__, unknown=unknown)


def _read(answer: requests.Response, limit: int, ends: float) -> requests.Response:
    """The answer with its body, decompressed, within `limit` bytes and before `ends`."""
    if answer.is_redirect:
        raise PlatformError(Kind.CONFIGURATION, "redirected")
    body = bytearray()
    try:
        # read1 returns with what has come, so that the clock is looked at while a server drips.
        while chunk := answer.raw.read1(_CHUNK, decode_content=True):
            body += chunk
            if len(body) > limit:
                raise PlatformError(Kind.MEDIA, "too large")
            if time.monotonic() > ends:
                raise PlatformError(Kind.TRANSIENT, "slow body", unknown=True)
    except (HTTPError, OSError) as fault:
        raise PlatformError(Kind.TRANSIENT, type(fault).__name__, unknown=True) from None
    answer._content = bytes(body)
    answer._content_consumed = True  # type: ignore[attr-defined]
    return answer


class _HideSecrets(logging.Filter):
    """urllib3 logs whole addresses when debugging is on, and the token stands in each."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _SECRETS.sub(r"\1…", record.getMessage())
        record.args = ()
        return True


_hide_secrets = _HideSecrets()


def hide_secrets_in_logs() -> None:
    """Take tokens and secrets out of what urllib3 logs. Doing it again changes nothing."""
    for name in ("urllib3.connectionpool", "urllib3.util.retry"):
        logging.getLogger(name).addFilter(_hide_secrets)
