"""Forms that count once, and only from our own pages.

Each form carries a hidden field: a random number, signed for the browser's token. It proves that
the form is one of ours, and it is the key against doubled clicks and reloads: what is sent with
the same number and the same content is the same update.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from urllib.parse import urlsplit

from flask import request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from bot.assembly import Assembly
from bot.website.counting import Counting
from bot.website.visitors import Visitors

FIELD = "once"
LIFE_SECONDS = 12 * 3600
_OWN = ("same-origin", "none")  # none: typed, reloaded, or from the browser's own pages


class ForeignForm(Exception):
    """Sent by a page that is not ours."""


class StaleForm(Exception):
    """A form of ours that is too old, or was given to another browser: to be sent again."""


class NoCookie(StaleForm):
    """The browser shows no token: it keeps no cookies, or somebody has just signed out."""


class Forms:
    """Makes and checks the hidden field. Belongs to a request."""

    def __init__(self, parts: Assembly, visitors: Visitors, limits: Counting) -> None:
        self._visitors, self._limits = visitors, limits
        self._public = urlsplit(parts.settings.public_url).netloc
        self._signer = URLSafeTimedSerializer(parts.settings.secret_key, salt="form")

    def once(self) -> str:
        """A new hidden field for a form of this browser; gives it a token if it has none."""
        return str(self._signer.dumps([secrets.token_urlsafe(12), self._whose()]))

    def received(self, *content: str | bytes) -> str:
        """The update id of what was sent: the same for the same field and the same `content`, at
        most 40 characters.

        Raises `ForeignForm`, `StaleForm`, `NoCookie`, and what `Counting.form` raises.
        """
        self.check_origin()
        if not self._visitors.shows_token():
            raise NoCookie
        self._limits.form(self._whose())
        try:
            number, whose = self._signer.loads(request.form.get(FIELD, ""), max_age=LIFE_SECONDS)
        except (BadSignature, ValueError, TypeError):
            raise StaleForm from None
        if not secrets.compare_digest(str(whose), self._whose()):
            raise StaleForm
        return f"{number}-{_digest(content)}"

    def check_origin(self) -> None:
        """By what browsers say of where a request comes from; old ones say nothing, and the
        signature alone must hold."""
        fetched = request.headers.get("Sec-Fetch-Site")
        if fetched is not None and fetched not in _OWN:
            raise ForeignForm
        origin = request.headers.get("Origin", "null")
        if origin != "null" and urlsplit(origin).netloc not in (request.host, self._public):
            raise ForeignForm

    def _whose(self) -> str:
        return hashlib.sha256(self._visitors.token().encode()).hexdigest()[:24]


def _digest(content: Iterable[str | bytes]) -> str:
    found = hashlib.sha256()
    for part in content:
        body = part.encode() if isinstance(part, str) else part
        found.update(len(body).to_bytes(8, "big") + body)
    return found.hexdigest()[:16]
