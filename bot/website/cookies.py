"""The site's cookies: ours alone, never read by scripts, sealed to the host where there is TLS."""

from __future__ import annotations

from flask import request
from werkzeug.wrappers import Response


class Cookies:
    """Reads and gives them, under names with `__Host-` where the site is reached by https."""

    def __init__(self, public_url: str) -> None:
        self._secure = public_url.startswith("https:")

    def name(self, name: str) -> str:
        """The name as the browser knows it."""
        return f"__Host-{name}" if self._secure else name

    def read(self, name: str) -> str:
        return request.cookies.get(self.name(name), "")

    def give(self, response: Response, name: str, value: str, seconds: int) -> None:
        response.set_cookie(
            self.name(name),
            value,
            max_age=seconds,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="Lax",
        )

    def take_back(self, response: Response, name: str) -> None:
        response.delete_cookie(
            self.name(name), path="/", secure=self._secure, httponly=True, samesite="Lax"
        )
