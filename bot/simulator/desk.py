"""The platform's own customer-service desk: who has been handed over to a person there."""

from __future__ import annotations

from bot.simulator.clock import ShiftedClock
from bot.simulator.store import Store

STAFF = ("desk1", "desk2")
"""The desk's people; on the wire `desk1@gh_…`, the account's own name behind the @."""

IDLE_SECONDS = 30 * 60.0
"""A session in which nothing happens for so long is over, without a word to anybody."""


class Desk:
    """The open sessions of one account."""

    def __init__(self, store: Store, clock: ShiftedClock) -> None:
        self._store, self._clock = store, clock

    def open(self, openid: str, who: str) -> None:
        """`who` has this person's chat from now on."""
        self._store.write(
            "INSERT OR REPLACE INTO desk VALUES(?, ?, ?)", openid, who, self._clock.seconds()
        )

    def close(self, openid: str) -> None:
        """The chat is the service's again."""
        self._store.write("DELETE FROM desk WHERE openid = ?", openid)

    def of(self, openid: str) -> str:
        """Who has this person's chat, "" for nobody."""
        row = self._store.row(
            "SELECT kf_account FROM desk WHERE openid = ? AND at > ?",
            openid,
            self._clock.seconds() - IDLE_SECONDS,
        )
        return str(row["kf_account"]) if row else ""
