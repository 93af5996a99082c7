"""The platform's API: wechatpy's client, hardened.

What wechatpy leaves open and this closes: hard-coded addresses, calls without a time-out, retries
without an end, a token per process, uploads repeated with an exhausted file, pages of HTML taken
for success, tokens in exceptions.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import requests
from wechatpy.client import WeChatClient

from bot.channels.wechat.errors import Kind, PlatformError
from bot.channels.wechat.tokens import AccessTokens
from bot.channels.wechat.transport import PLATFORM, Allowance, platform_session
from bot.ports import Filled

JSON_LIMIT = 1024 * 1024
"""Bytes; the longest answer is the list of templates."""

_FILES = ("media/get", "media/get/jssdk", "material/get_material")
"""The calls that may be answered with a file."""


class PlatformClient(WeChatClient):  # type: ignore[misc]
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
        self._tokens, self._seconds = tokens, seconds
        self._thread = threading.local()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """What this thread calls inside the block may take `seconds` in all."""
        before = getattr(self._thread, "ends", None)
        ends = time.monotonic() + seconds
        self._thread.ends = ends if before is None else min(before, ends)
        try:
            yield
        finally:
            self._thread.ends = before

    def _in_time(self) -> AbstractContextManager[None]:
        """The caller's time, or this client's own where the caller named none."""
        named = getattr(self._thread, "ends", None) is not None
        return nullcontext() if named else self.within(self._seconds)

    def _left(self) -> float:
        ends: float = self._thread.ends
        return max(0.0, ends - time.monotonic())

    # --- what the channel calls ---

    def upload_picture(self, image: bytes) -> str:
        """The media id, good for three days, of a JPEG or PNG."""
        kind = "png" if image.startswith(b"\x89PNG") else "jpeg"
        told = self.media.upload("image", (f"picture.{kind}", image, f"image/{kind}"))
        return _field(told, "media_id")

    def fetch_media(self, media_id: str, limit: int) -> bytes:
        """The file a person sent, at most `limit` bytes."""
        query = {"media_id": media_id}
        answer = self._request("get", "media/get", params=query, limit=limit)
        if isinstance(answer, requests.Response) and answer.content:
            return answer.content
        raise PlatformError(Kind.MEDIA, "not a file")

    def send_template(self, openid: str, message: Filled, url: str, key: str) -> str:
        """A template message; sent once however often it is asked with the same `key` within ten
        minutes. Returns its id."""
        told = self.post(
            "message/template/send", data=_filled(openid, message, url=url, client_msg_id=key)
        )
        return str(told.get("msgid", ""))

    def send_subscription(self, openid: str, message: Filled, page: str) -> str:
        """A message the person has subscribed to. Returns its id, "" where the answer has none."""
        told = self.post("message/subscribe/bizsend", data=_filled(openid, message, page=page))
        return str(told.get("msgid", ""))

    # --- the token ---

    @property
    def access_token(self) -> str:
        """The token now in force."""
        with self._in_time():
            return self._tokens.current(self._stable_token, self._left())

    def fetch_access_token(self) -> None:
        """Not a road to a token: that is `AccessTokens`."""
        raise PlatformError(Kind.BUG, "tokens are fetched under the lock only")

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
        try:
            return _field(told, "access_token"), float(told.get("expires_in", 7200))
        except (TypeError, ValueError):
            raise PlatformError(Kind.TRANSIENT, "no token in the answer") from None

    # --- every call ---

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
            told = call(self._tokens.renew(token, self._stable_token, self._left()))
        return _processed(processor, told) if processor else told

    def _call(self, method: str, url: str, limit: int, **kwargs: Any) -> Any:
        allowed = Allowance(self._left(), limit)
        answer = self._http.request(method, url, timeout=allowed, allow_redirects=False, **kwargs)
        path = url.split("?")[0].removeprefix(self.API_BASE_URL)
        return _understood(answer, may_be_file=path in _FILES)


def _filled(openid: str, message: Filled, **more: str) -> dict[str, Any]:
    values = {field: {"value": value} for field, value in message.values.items()}
    given = {name: value for name, value in more.items() if value}
    return {"touser": openid, "template_id": message.template, **given, "data": values}


def _repeatable(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The body so that it can be sent twice: files in memory, JSON as raw UTF-8 (40033)."""
    body = {k: v for k, v in kwargs.items() if k not in ("timeout", "files")}
    if isinstance(body.get("data"), dict):
        body["data"] = json.dumps(body["data"], ensure_ascii=False).encode()
    files = kwargs.get("files") or {}
    if files:
        body["files"] = {name: _in_memory(file) for name, file in dict(files).items()}
    return body


def _in_memory(file: Any) -> Any:
    if isinstance(file, tuple):
        name, content, *rest = file
        return (name, content.read() if hasattr(content, "read") else content, *rest)
    return (getattr(file, "name", "file"), file.read()) if hasattr(file, "read") else file


def _understood(answer: requests.Response, *, may_be_file: bool) -> Any:
    """The answer's JSON, or the answer itself where it is a file. Raises PlatformError."""
    if answer.status_code >= 400:
        raise _http_error(answer.status_code)
    if may_be_file and answer.content.lstrip()[:1] != b"{":
        return _file(answer)
    try:
        told = json.loads(answer.content, strict=False)
        code = int(told.get("errcode") or 0)
    except (ValueError, TypeError, AttributeError):
        # A page of HTML, a cut answer: nobody knows what became of the call.
        raise PlatformError(Kind.TRANSIENT, "not an answer", unknown=True) from None
    if code:
        raise PlatformError.of_answer(code, str(told.get("errmsg", "")))
    return told


def _processed(processor: Callable[[Any], Any], told: Any) -> Any:
    """What wechatpy makes of the answer, which it does not check."""
    try:
        return processor(told)
    except (LookupError, TypeError, AttributeError):
        raise PlatformError(Kind.TRANSIENT, "not the answer to this call") from None


def _file(answer: requests.Response) -> requests.Response:
    if answer.headers.get("Content-Type", "").startswith(("text/html", "application/xhtml")):
        raise PlatformError(Kind.TRANSIENT, "a page instead of a file")
    return answer


def _http_error(status: int) -> PlatformError:
    """A gateway's error. After a time-out of its own the call may have been carried out."""
    late = status >= 500 or status in (408, 429)
    kind = Kind.TRANSIENT if late else Kind.CONFIGURATION
    return PlatformError(kind, f"HTTP {status}", unknown=status == 504)


def _field(told: Any, name: str) -> str:
    value = told.get(name) if isinstance(told, dict) else None
    if not isinstance(value, str) or not value:
        raise PlatformError(Kind.TRANSIENT, f"no {name} in the answer")
    return value
