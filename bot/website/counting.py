"""How often a browser, and whoever shares its address, may send forms."""

from __future__ import annotations

from flask import request

from bot.assembly import Assembly
from bot.limits import address_of


class Counting:
    """Belongs to a request. Its methods raise `TooManyRequests`, `ServiceUnavailable`."""

    def __init__(self, parts: Assembly) -> None:
        self._limits, self._proxies = parts.limits, parts.settings.proxies

    def form(self, browser: str) -> None:
        """A form was sent by this browser."""
        self._limits.take("visitor", browser)
        self._limits.take("address", self._address())

    def codes(self) -> None:
        """The form may have a code sent to somebody's phone."""
        self._limits.take("code", self._address())

    def _address(self) -> str:
        return address_of(request, self._proxies)
