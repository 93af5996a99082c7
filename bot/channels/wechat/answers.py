"""What the API answers, understood: JSON or a file, and never an error taken for either."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import requests

from bot.channels.wechat.errors import Kind, PlatformError

_decode = json.JSONDecoder(strict=False).decode
_LONGEST_LIFE = 24 * 3600.0  # seconds; the platform's own are two hours


def understood(answer: requests.Response, *, may_be_file: bool) -> Any:
    """The answer's JSON, or the answer itself where it is a file. Raises PlatformError."""
    if answer.status_code < 400 and may_be_file and answer.content.lstrip()[:1] != b"{":
        return _file(answer)
    return understood_json(answer.status_code, answer.content)


def understood_json(status: int, content: bytes) -> Any:
    """The JSON of an answer that is nothing else. Raises PlatformError."""
    if status >= 400:
        raise _http_error(status)
    try:
        told = _decode(content.decode(json.detect_encoding(content), "surrogatepass"))
        code = int(told.get("errcode") or 0)
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        # A page of HTML, a cut answer: nobody knows what became of the call.
        raise PlatformError(Kind.TRANSIENT, "not an answer", unknown=True) from None
    if code:
        raise PlatformError.of_answer(code, str(told.get("errmsg", "")), _known_as(told))
    return told


def _known_as(told: Any) -> str:
    """The id in an answer; in some of 45065 blanks follow its name. Source: what users report,
    github.com/w7corp/easywechat, 1726."""
    return next((str(value or "") for name, value in told.items() if name.strip() == "msg_id"), "")


def processed(processor: Callable[[Any], Any], told: Any) -> Any:
    """What wechatpy makes of the answer, which it does not check."""
    try:
        return processor(told)
    except (LookupError, TypeError, AttributeError):
        raise PlatformError(Kind.TRANSIENT, "not the answer to this call") from None


def text_of(told: Any, name: str) -> str:
    """The text under this name. Raises PlatformError where there is none."""
    value = told.get(name) if isinstance(told, dict) else None
    if not isinstance(value, str) or not value:
        raise PlatformError(Kind.TRANSIENT, f"no {name} in the answer")
    return value


def list_of(told: Any, name: str) -> list[Any]:
    """The list under this name. Raises PlatformError where there is none."""
    value = told.get(name) if isinstance(told, dict) else None
    if not isinstance(value, list):
        raise PlatformError(Kind.TRANSIENT, f"no {name} in the answer")
    return value


def lent(told: Any, name: str) -> tuple[str, float]:
    """A token or ticket and the seconds it lives. Raises PlatformError."""
    value = text_of(told, name)
    try:
        seconds = float(told.get("expires_in", 7200))
    except (TypeError, ValueError, OverflowError):
        seconds = 0.0
    if not 0 < seconds <= _LONGEST_LIFE:  # which no NaN is either
        raise PlatformError(Kind.TRANSIENT, f"no life of {name} in the answer")
    return value, seconds


def _file(answer: requests.Response) -> requests.Response:
    if answer.headers.get("Content-Type", "").startswith(("text/html", "application/xhtml")):
        raise PlatformError(Kind.TRANSIENT, "a page instead of a file")
    return answer


def _http_error(status: int) -> PlatformError:
    """A gateway's error. After a time-out of its own the call may have been carried out."""
    late = status >= 500 or status in (408, 429)
    kind = Kind.TRANSIENT if late else Kind.CONFIGURATION
    return PlatformError(kind, f"HTTP {status}", unknown=status == 504)
