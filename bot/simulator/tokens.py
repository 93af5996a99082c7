"""Access tokens, as two separate lines: the plain call's and the stable call's.

Source: developers.weixin.qq.com, 获取 Access token and 获取稳定版接口调用凭据.
"""

from __future__ import annotations

import secrets
from typing import Any

from bot.simulator.clock import ShiftedClock
from bot.simulator.errcodes import ApiFault
from bot.simulator.quotas import Quotas
from bot.simulator.store import Store

OVERLAP_SECONDS = 300.0  # the old token lives on so long beside a new one
FORCE_PAUSE_SECONDS = 30.0
TOKEN_BYTES = 384  # 512 characters, the most that the manual asks its readers to keep


class Tokens:
    """Issues and checks the tokens of one account."""

    def __init__(self, store: Store, clock: ShiftedClock, quotas: Quotas, life: int) -> None:
        self._store, self._clock, self._quotas, self._life = store, clock, quotas, life

    def plain(self) -> dict[str, Any]:
        """A new token each time; the one before dies within five minutes."""
        return self._issue("token")

    def stable(self, force: bool) -> dict[str, Any]:
        """The same token until shortly before its end, or a new one when forced.

        Raises `ApiFault`: 45011 within 30 seconds of the last one, 45009 after 20 in a day.
        """
        now = self._clock.seconds()
        with self._store.lock():
            row = self._store.row(
                "SELECT * FROM tokens WHERE line = 'stable' AND expires > ? ORDER BY issued DESC",
                now + min(OVERLAP_SECONDS, self._life / 2),
            )
            if row and force:
                self._may_force(row["issued"], now)
            elif row:
                left = int(row["expires"] - now)
                return {"access_token": row["token"], "expires_in": left}
            return self._issue("stable")

    def knows(self, token: str) -> bool:
        """Whether this account was ever given this token; not whether it still holds."""
        return self._store.row("SELECT 1 FROM tokens WHERE token = ?", token) is not None

    def check(self, token: str) -> None:
        """Raises `ApiFault`: 41001 missing, 40001 unknown, 42001 expired."""
        if not token:
            raise ApiFault(41001)
        row = self._store.row("SELECT expires FROM tokens WHERE token = ?", token)
        if row is None:
            raise ApiFault(40001)
        if row["expires"] <= self._clock.seconds():
            raise ApiFault(42001)

    def revoke_all(self) -> None:
        """Every token dies at once, as when the secret is reset in the console."""
        self._store.write("DELETE FROM tokens")

    def _may_force(self, issued: float, now: float) -> None:
        if now - issued < FORCE_PAUSE_SECONDS:
            raise ApiFault(45011)
        self._quotas.take("force_refresh")

    def _issue(self, line: str) -> dict[str, Any]:
        now, token = self._clock.seconds(), secrets.token_urlsafe(TOKEN_BYTES)
        with self._store.lock():
            if line == "token":
                self._store.write(
                    "UPDATE tokens SET expires = min(expires, ?) WHERE line = 'token'",
                    now + OVERLAP_SECONDS,
                )
            else:
                self._store.write("DELETE FROM tokens WHERE line = 'stable'")
            self._store.write(
                "INSERT INTO tokens VALUES(?, ?, ?, ?)", token, line, now, now + self._life
            )
        return {"access_token": token, "expires_in": self._life}
