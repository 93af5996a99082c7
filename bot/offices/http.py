"""The one HTTP policy towards the offices: signed, pooled, bounded in time and size.

Every request is a POST of JSON, or of a file, with two headers: `X-Office-Time` (unix seconds) and
`X-Office-Signature`, hexadecimal HMAC-SHA256 over `{time}.{method}.{path}.` and the body. No
cookie is kept, no redirect followed, no proxy or .netrc of the environment used.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, NewConnectionError

from bot.ports import OfficeError

JSON_LIMIT = 64 * 1024
"""Bytes; no office has more to say than this in JSON."""

CONNECT_SECONDS = 2.0
POOL = 32


@dataclass(frozen=True, slots=True)
class Answer:
    """What an office said. `status` is 200 or one that the caller expected."""

    status: int
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class _Body:
    """What is sent, as it is signed."""

    content: bytes
    media_type: str


def signature(key: bytes, at: int, method: str, path: str, body: bytes) -> str:
    """The value of `X-Office-Signature`: hexadecimal HMAC-SHA256."""
    return hmac.new(key, f"{at}.{method}.{path}.".encode() + body, hashlib.sha256).hexdigest()


class OfficeHttp:
    """One office's address and key. Safe to share between threads."""

    def __init__(
        self, office: str, base_url: str, key: str, *, clock: Callable[[], float] = time.time
    ) -> None:
        """`office` names it in errors; `base_url` may have a path; `key` is the shared secret."""
        self.office = office
        self._base = base_url.rstrip("/")
        self._path = urlsplit(self._base).path
        self._key = key.encode()
        self._clock = clock
        self._session = _session()

    def ask(self, path: str, body: Mapping[str, Any], timeout: float) -> dict[str, Any]:
        """POST `body`, return the JSON object of the answer. Raises `OfficeError`."""
        return self.parse(self.post(path, body, timeout))

    def post(
        self,
        path: str,
        body: Mapping[str, Any],
        timeout: float,
        *,
        limit: int = JSON_LIMIT,
        expect: tuple[int, ...] = (),
    ) -> Answer:
        """POST `body` within `timeout` seconds in all; at most `limit` bytes come back.

        A status other than 200 raises, unless it is in `expect`. A connection that broke before
        any answer is tried once more: every call is a question, or carries a key that
        de-duplicates.
        """
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        return self._twice(path, _Body(content, "application/json"), timeout, limit, expect)

    def post_file(
        self, path: str, content: bytes, timeout: float, *, expect: tuple[int, ...] = ()
    ) -> Answer:
        """POST bytes as they are; otherwise as `post`."""
        file = _Body(content, "application/octet-stream")
        return self._twice(path, file, timeout, JSON_LIMIT, expect)

    def _twice(
        self, path: str, body: _Body, timeout: float, limit: int, expect: tuple[int, ...]
    ) -> Answer:
        ends = time.monotonic() + timeout
        try:
            return self._once(path, body, ends, limit, expect)
        except OfficeError as error:
            if error.reason != "broken":
                raise
        return self._once(path, body, ends, limit, expect)

    def parse(self, answer: Answer) -> dict[str, Any]:
        """The JSON object of an answer. Raises `OfficeError` when it is none."""
        try:
            data = json.loads(answer.body)
        except (ValueError, RecursionError):
            raise self.malformed() from None
        if not isinstance(data, dict):
            raise self.malformed()
        return data

    def malformed(self) -> OfficeError:
        """The error for an answer that is not what was agreed: a gateway's page, most often."""
        return self._error("malformed", retry=True, unknown=True)

    def close(self) -> None:
        """Drop the pooled connections."""
        self._session.close()

    def _once(
        self,
        path: str,
        body: _Body,
        ends: float,
        limit: int,
        expect: tuple[int, ...],
    ) -> Answer:
        left = ends - time.monotonic()
        if left <= 0:
            raise self._error("no time left", retry=True)
        try:
            with self._send(path, body, left) as response:
                self._check_status(response.status_code, expect)
                content = self._read(response, ends, limit)
                media_type = response.headers.get("Content-Type", "").partition(";")[0].strip()
                return Answer(response.status_code, media_type.lower(), content)
        except (requests.RequestException, HTTPError, OSError) as error:
            # `from None`: the library's texts hold the address, and nothing the caller needs.
            raise self._translated(error) from None

    def _send(self, path: str, body: _Body, left: float) -> requests.Response:
        at = int(self._clock())
        signed = signature(self._key, at, "POST", self._path + path, body.content)
        return self._session.post(
            self._base + path,
            data=body.content,
            headers={
                "Content-Type": body.media_type,
                "X-Office-Time": str(at),
                "X-Office-Signature": signed,
            },
            timeout=(min(left, CONNECT_SECONDS), left),
            allow_redirects=False,
            stream=True,
        )

    def _check_status(self, status: int, expect: tuple[int, ...]) -> None:
        if status == 200 or status in expect:
            return
        if status >= 500 or status == 408:
            raise self._error(f"http {status}", retry=True, unknown=True)
        raise self._error(f"http {status}", retry=status == 429)

    def _read(self, response: requests.Response, ends: float, limit: int) -> bytes:
        """The body, read piece by piece so that a dripping office meets the deadline too."""
        content = bytearray()
        while piece := response.raw.read1(limit + 1):
            content += piece
            if len(content) > limit:
                raise self._error("too large", retry=False, unknown=True)
            if time.monotonic() > ends:
                raise self._error("timeout", retry=True, unknown=True)
        return bytes(content)

    def _translated(self, error: Exception) -> OfficeError:
        if isinstance(error, requests.ConnectTimeout):
            return self._error("connect timeout", retry=True)
        if isinstance(error, requests.Timeout) or "timed out" in str(error).lower():
            return self._error("timeout", retry=True, unknown=True)
        if _never_connected(error):
            return self._error("unreachable", retry=True)
        if isinstance(error, (requests.exceptions.SSLError, requests.exceptions.InvalidURL)):
            return self._error(type(error).__name__, retry=False)
        return self._error("broken", retry=True, unknown=True)

    def _error(self, reason: str, *, retry: bool, unknown: bool = False) -> OfficeError:
        return OfficeError(self.office, reason, retry=retry, unknown=unknown)


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.clear()
    # Not compressed: a size cap on the wire would be none on what it unfolds to.
    session.headers.update({"Accept-Encoding": "identity", "User-Agent": "shebaoka"})
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=POOL, max_retries=0)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def _never_connected(error: Exception) -> bool:
    cause: object = error.args[0] if error.args else None
    cause = getattr(cause, "reason", cause)
    return isinstance(cause, (NewConnectionError, ConnectionRefusedError))
