"""Who speaks: the account of a bearer token, looked up at each request."""

from __future__ import annotations

from datetime import timedelta

from flask import g, request

from bot.api.doors import Doors
from bot.api.problems import Problem
from bot.dialogue.messages import AccountKey
from models.access_tokens import account_of_token, issue_token, revoke_token, revoke_tokens_of


class Bearers:
    """Issues, knows and revokes the API's tokens. Each speaks for one account."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors

    def require(self) -> None:
        """Before a view: the request names its account, or ends here. Raises `Problem`."""
        doors, token = self._doors, presented()
        with doors.database.reading() as records:
            found = account_of_token(records, token, "api", doors.clock()) if token else None
        if found is None or AccountKey.parse(found).channel not in self._served():
            raise Problem("not-signed-in")
        doors.limits.take("api", found)
        g.account = AccountKey.parse(found)

    def issue(self, account: AccountKey) -> tuple[str, int]:
        """A new token, and for how many seconds it holds."""
        doors = self._doors
        life = timedelta(days=doors.city.api.token_days)
        with doors.database.writing() as records:
            token = issue_token(
                records, account=str(account), use="api", now=doors.clock(), life=life
            )
        return token, int(life.total_seconds())

    def revoke(self) -> None:
        """The token of this request holds no longer."""
        with self._doors.database.writing() as records:
            revoke_token(records, presented(), self._doors.clock())

    def revoke_all(self, account: AccountKey) -> None:
        """No token of the account holds any longer."""
        with self._doors.database.writing() as records:
            revoke_tokens_of(records, str(account), self._doors.clock())

    def _served(self) -> set[str]:
        return {program.channel for program in self._doors.programs.values()}


def speaker() -> AccountKey:
    """The account of the present request."""
    account: AccountKey = g.account
    return account


def presented() -> str:
    """The token in the request's header, "" for none. Nowhere else is one looked for: addresses
    are logged, and cookies travel by themselves."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
