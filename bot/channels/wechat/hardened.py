"""wechatpy's client, hardened: how every call of the platform's API is made.

What wechatpy leaves open and this closes: hard-coded addresses, calls without a time-out, retries
without an end, a token per process, uploads repeated with an exhausted file, pages of HTML taken
for success, tokens in exceptions.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from wechatpy.client import WeChatClient

from bot.channels.bounded import Allowance
from bot.channels.call_time import CallTime
from bot.channels.wechat.answers import lent, processed, understood
from bot.channels.wechat.circuit import Circuit
from bot.channels.wechat.errors import Kind, PlatformError
from bot.channels.wechat.tokens import AccessTokens
from bot.channels.wechat.transport import PLATFORM, platform_session

JSON_LIMIT = 1024 * 1024
"""Bytes; the longest answer is the list of templates."""

_FILES = ("media/get", "media/get/jssdk", "material/get_material")
"""The calls that may be answered with a file."""


class HardenedClient(WeChatClient):  # type: ignore[misc]
    """wechatpy's client with one retry, one token for all processes and an end to every call.

    Every call raises PlatformError and nothing else. Thread-safe.
    """

    def __init__(
        self,
        app_id: str,
        secret: str,
        tokens: AccessTokens,
        *,
        api_base: str = PLATFORM,
        seconds: float = 2.0,
    ) -> None:
        """`seconds`: what a call may take outside `within`, its token and its retry included."""
        super().__init__(app_id, secret, auto_retry=False)
        self._http = platform_session(api_base)
        self._tokens, self._tickets = tokens, tokens.beside("ticket")
        self._time, self._thread = CallTime(seconds), threading.local()
        self.circuit = Circuit()

    def within(self, seconds: float) -> AbstractContextManager[None]:
        """What this thread calls inside the block may take `seconds` in all."""
        return self._time.within(seconds)

    def _in_time(self) -> AbstractContextManager[None]:
        """The caller's time, or this client's own where the caller named none."""
        return self._time.given()

    def _left(self) -> float:
        return self._time.left()

    @property
    def platform_time(self) -> datetime | None:
        """What the platform's clock showed when it answered this thread's last call; None: it did
        not."""
        told: datetime | None = getattr(self._thread, "date", None)
        return told

    # --- the token ---

    @property
    def access_token(self) -> str:
        """The token now in force."""
        with self._in_time():
            return self._tokens.current(self._stable_token, self._left())

    def fetch_access_token(self) -> None:
        """Not a road to a token: that is `AccessTokens`."""
        raise PlatformError(Kind.BUG, "tokens are fetched under the lock only")

    def renewed_token(self, used: str) -> str:
        """Another one than `used`, which the platform has refused."""
        with self._in_time():
            return self._tokens.renew(used, self._stable_token, self._left())

    def token_life(self) -> float:
        """Ask the platform for the token, whatever is stored, and change nothing: the seconds it
        still lives."""
        with self._in_time():
            return self._stable_token(False)[1]

    def _stable_token(self, force: bool) -> tuple[str, float]:
        asked = {
            "grant_type": "client_credential",
            "appid": self.appid,
            "secret": self.secret,
            "force_refresh": force,
        }
        try:
            told = self._call("post", f"{self.API_BASE_URL}stable_token", JSON_LIMIT, json=asked)
        except PlatformError as fault:
            raise fault.harmless() from None
        return lent(told, "access_token")

    def page_ticket(self) -> str:
        """The ticket with which web pages are signed for WeChat's JS-SDK, one for all processes.

        What it is signed with: `jsapi.get_jsapi_signature`.
        """
        with self._in_time():
            return self._tickets.current(self._new_ticket, self._left())

    def _new_ticket(self, force: bool) -> tuple[str, float]:
        try:
            return lent(self.jsapi.get_ticket("jsapi"), "ticket")
        except PlatformError as fault:
            raise fault.harmless() from None

    # --- every call ---

    def call_without_token(self, method: str, url: str, limit: int, query: dict[str, str]) -> Any:
        """A call that is signed by the secret in its query. Nobody is harmed by repeating it."""
        with self._in_time():
            try:
                return self._call(method, url, limit, params=query)
            except PlatformError as fault:
                raise fault.harmless() from None

    def _request(self, method: str, url_or_endpoint: str, **kwargs: Any) -> Any:
        """wechatpy's funnel, replaced: one call, and one more when the token was refused."""
        with self._in_time():
            return self._request_in_time(method, url_or_endpoint, **kwargs)

    def _request_in_time(self, method: str, endpoint: str, **kwargs: Any) -> Any:
        base = kwargs.pop("api_base_url", self.API_BASE_URL)
        url = endpoint if endpoint.startswith("https://") else f"{base}{endpoint}"
        processor = kwargs.pop("result_processor", None)
        limit = kwargs.pop("limit", JSON_LIMIT)
        query = dict(kwargs.pop("params", None) or {})
        body = _repeatable(kwargs)
        token = query.pop("access_token", None) or self.access_token

        def call(token: str) -> Any:
            return self._call(method, url, limit, params={"access_token": token, **query}, **body)

        try:
            told = call(token)
        except PlatformError as fault:
            if fault.kind is not Kind.TOKEN:
                raise
            told = call(self.renewed_token(token))
        return processed(processor, told) if processor else told

    def _call(self, method: str, url: str, limit: int, **kwargs: Any) -> Any:
        """One request, with or without a token, unless the platform refuses all of them."""
        self.circuit.check()
        path = url.split("?")[0].removeprefix(self.API_BASE_URL)
        allowed = Allowance(self._left(), limit)
        self._thread.date = None
        try:
            answer = self._http.request(
                method, url, timeout=allowed, allow_redirects=False, **kwargs
            )
            self._thread.date = _date(answer.headers.get("Date", ""))
            return understood(answer, may_be_file=path in _FILES)
        except PlatformError as fault:
            self.circuit.note(fault, path)
            raise


def _date(told: str) -> datetime | None:
    """The time in an answer's `Date`, None where it is none."""
    try:
        read = parsedate_to_datetime(told)
    except (TypeError, ValueError):
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _repeatable(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The body so that it can be sent twice: files in memory, JSON as raw UTF-8 (40033)."""
    body = {k: v for k, v in kwargs.items() if k not in ("timeout", "files")}
    if isinstance(body.get("data"), dict):
        body["data"] = json.dumps(body["data"], ensure_ascii=False).encode("utf-8", "replace")
    files = kwargs.get("files") or {}
    if files:
        body["files"] = {name: _in_memory(file) for name, file in dict(files).items()}
    return body


def _in_memory(file: Any) -> Any:
    if isinstance(file, tuple):
        name, content, *rest = file
        return (name, content.read() if hasattr(content, "read") else content, *rest)
    return (getattr(file, "name", "file"), file.read()) if hasattr(file, "read") else file
