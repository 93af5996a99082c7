"""Who visits the site: a random id, behind a cookie that holds an opaque token and nothing else.

Nobody registers first. A browser is given a token by the first page with a form, but nothing is
kept of it before that form is sent: then the token speaks for a new account `web:site:<random>`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from flask import Response, after_this_request, g

from bot.assembly import Assembly
from bot.dialogue.messages import AccountKey
from bot.website.answers import Answers
from bot.website.cookies import Cookies
from models.access_tokens import (
    account_of_token,
    claim_token,
    new_token,
    renew_token,
    revoke_token,
    well_formed,
)

CHANNEL, APP, COOKIE = "web", "site", "visitor"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who has sent something before, in this browser."""

    account: AccountKey
    token: str


class Visitors:
    """Knows visitors again. All methods belong to a request; those that read or write records
    raise `SQLAlchemyError`."""

    def __init__(self, parts: Assembly) -> None:
        self._parts = parts
        self._cookies = Cookies(parts.settings.public_url)
        self._life = timedelta(days=parts.city.days.draft + 2)

    def token(self) -> str:
        """The browser's token: the one it shows, else a new one, given with the answer."""
        if "visitor_token" not in g:
            shown = self._cookies.read(COOKIE)
            g.visitor_token = shown if well_formed(shown) else self._given(new_token())
        token: str = g.visitor_token
        return token

    def shows_token(self) -> bool:
        """Whether the browser has brought a token along, somebody's or nobody's."""
        return well_formed(self._cookies.read(COOKIE))

    def known(self) -> Visitor | None:
        """Whom the browser's token speaks for; None for who has not sent anything yet."""
        shown = self._cookies.read(COOKIE)
        if not well_formed(shown):
            return None
        with self._parts.database.reading() as records:
            account = account_of_token(records, shown, "web", self._parts.sources.clock())
        return Visitor(AccountKey.parse(account), shown) if account else None

    def arrive(self) -> Visitor:
        """The visitor who sends something: known for the city's draft days and two more from now
        on; made when new. A token that was revoked is replaced."""
        token = self.token()
        account = self._speaks_for(token)
        if account is None:
            token = g.visitor_token = new_token()
            account = self._speaks_for(token)
        assert account is not None  # noqa: S101 - a new token is nobody's
        self._given(token)
        return Visitor(AccountKey.parse(account), token)

    def leave(self, visitor: Visitor) -> None:
        """The browser is a stranger's again, and shows nothing of what was said.

        Raises `SessionsAway` when that could not be made sure.
        """
        self._parts.transcripts.forget(visitor.account)
        Answers(self._parts).forget_all(visitor.account)
        with self._parts.database.writing() as records:
            revoke_token(records, visitor.token, self._parts.sources.clock())
        self.forget_cookie()

    def forget_cookie(self) -> None:
        """The browser shows no token any more."""

        @after_this_request
        def take_back(response: Response) -> Response:
            self._cookies.take_back(response, COOKIE)
            return response

    def _speaks_for(self, token: str) -> str | None:
        parts, now = self._parts, self._parts.sources.clock()
        new = str(AccountKey(CHANNEL, APP, uuid4().hex))
        with parts.database.writing() as records:
            account = claim_token(records, token, account=new, use="web", now=now, life=self._life)
            if account not in (None, new):
                renew_token(records, token, now, now + self._life)
        return account

    def _given(self, token: str) -> str:
        @after_this_request
        def give(response: Response) -> Response:
            self._cookies.give(response, COOKIE, token, int(self._life.total_seconds()))
            return response

        return token
