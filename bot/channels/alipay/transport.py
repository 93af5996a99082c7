"""How the gateway is reached: one pooled session, POST alone, redirects refused."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from bot.channels.alipay.errors import GatewayError, Kind
from bot.channels.bounded import Allowance, BoundedAdapter, Unanswered, bounded_session

JSON_LIMIT = 1024 * 1024
"""Bytes; the longest answer is a menu."""
_FORM = {"Content-Type": "application/x-www-form-urlencoded;charset=utf-8"}
_KINDS = {"away": Kind.AWAY, "redirected": Kind.CONFIGURATION, "too large": Kind.MEDIA}


class Wire:
    """Thread-safe. `platform_time` is of the calling thread's last call."""

    def __init__(self) -> None:
        self._http = bounded_session(BoundedAdapter())
        self._thread = threading.local()

    @property
    def platform_time(self) -> datetime | None:
        told: datetime | None = getattr(self._thread, "date", None)
        return told

    def post(
        self, address: str, query: str, body: str, seconds: float, limit: int = JSON_LIMIT
    ) -> tuple[bytes, str]:
        """The answer's body and Content-Type, within `seconds`. Raises GatewayError."""
        self._thread.date = None
        try:
            answer = self._http.post(
                f"{address}?{query}",
                data=body.encode(),
                headers=_FORM,
                timeout=Allowance(seconds, limit),
                allow_redirects=False,
            )
        except Unanswered as fault:
            raise GatewayError(_KINDS[fault.kind], fault.detail, unknown=fault.unknown) from None
        self._thread.date = _date(answer.headers.get("Date", ""))
        if answer.status_code != 200:
            raise _http_error(answer.status_code)
        return answer.content, answer.headers.get("Content-Type", "")

    def close(self) -> None:
        """Let go of connections."""
        self._http.close()


def _http_error(status: int) -> GatewayError:
    """Errors of the gateway itself come with 200: this is something before it. It may have passed
    the call on before it failed."""
    late = status >= 500 or status in (408, 429)
    return GatewayError(
        Kind.AWAY if late else Kind.CONFIGURATION, f"HTTP {status}", unknown=status >= 500
    )


def _date(told: str) -> datetime | None:
    """The time in an answer's `Date`, None where it is none."""
    try:
        read = parsedate_to_datetime(told)
    except (TypeError, ValueError):
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)
