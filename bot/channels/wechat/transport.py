"""How the API is reached: one adapter that every call of wechatpy passes, hard-coded ones too."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import requests

from bot.channels.bounded import Allowance, BoundedAdapter, Unanswered, bounded_session
from bot.channels.wechat.errors import Kind, PlatformError

PLATFORM = "https://api.weixin.qq.com"
_KINDS = {
    "away": Kind.TRANSIENT,
    "redirected": Kind.CONFIGURATION,
    "too large": Kind.MEDIA,
}


def platform_session(api_base: str) -> requests.Session:
    """A session whose every request goes to `api_base`, whatever address wechatpy wrote."""
    return bounded_session(PlatformAdapter(api_base))


class PlatformAdapter(BoundedAdapter):
    """Sends to the base address; bounds time and size; raises PlatformError and nothing else."""

    def __init__(self, api_base: str) -> None:
        self._base = api_base.rstrip("/")
        super().__init__()

    def send(  # type: ignore[override]
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Allowance | None = None,
        **more: Any,
    ) -> requests.Response:
        """The answer, its body read: see `BoundedAdapter`."""
        request.url = self._address(request.url or "")
        try:
            return super().send(request, stream, timeout, **more)
        except Unanswered as fault:
            kind = _KINDS[fault.kind]
            raise PlatformError(kind, fault.detail, unknown=fault.unknown) from None

    def _address(self, url: str) -> str:
        whole = urlsplit(url)
        if f"{whole.scheme}://{whole.netloc}" != PLATFORM:
            raise PlatformError(Kind.BUG, "a call that is not the platform's")
        return self._base + url.removeprefix(PLATFORM)
