"""Leases of turns whose end Redis did not hear, to be let go of once it is back.

The process lived: its try must not be taken for a death, of which three put a message aside. Who
waits for the lease to run out need not, either.
"""

from __future__ import annotations

from collections import deque

from bot.dialogue.messages import AccountKey
from bot.sessions import Sessions, SessionsAway

MOST = 1000  # of one process; beyond, the oldest run out by themselves


class OwedReleases:
    """One for all requests of a process."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._owed: deque[tuple[AccountKey, str]] = deque(maxlen=MOST)

    def add(self, account: AccountKey, owner: str) -> None:
        """This owner may hold the person's lease, and has come to its end."""
        self._owed.append((account, owner))

    def settle(self) -> None:
        """Redis answers again: tell it. A lease that ran out or was committed is not touched."""
        while self._owed:
            try:
                account, owner = self._owed.popleft()
            except IndexError:  # another thread had the last one
                return
            try:
                self._sessions.release(account, owner)
            except SessionsAway:
                self._owed.append((account, owner))
                return
