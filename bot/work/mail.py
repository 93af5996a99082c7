"""The lane `drain`: empty the mailboxes of those whose request gave up."""

from __future__ import annotations

import structlog

from bot.dialogue.messages import AccountKey
from bot.sessions import Drains, Due
from bot.turn import Turns
from bot.work.lane import Work

LEASE_MS = 15_000
_BUSY_MS = 500  # somebody else has the person's lease
_AGAIN_MS = {"transient": 60_000, "quota": 3_600_000}  # what was refused for now
_MESSAGES = 5  # in one go; the platform allows about as many in 48 hours

log = structlog.get_logger(__name__)


class Mail:
    """Claims accounts one by one and sends their letters, a message a turn.

    What the platform refuses because the person has not written for long stays in the mailbox and
    leaves with their next reply.
    """

    def __init__(self, drains: Drains, turns: Turns) -> None:
        self._drains = drains
        self._turns = turns
        self._tried: dict[AccountKey, str] = {}  # so that a busy person's queue does not fill up

    def claim(self) -> Work | None:
        """The account that waits longest, as work to do."""
        due = self._drains.claim(LEASE_MS)
        return (lambda: self._do(due)) if due else None

    def _do(self, due: Due) -> None:
        update_id = self._tried.setdefault(due.account, f"drain:{due.claim}")
        for number in range(_MESSAGES):
            end = self._turns.drain(due.account, f"{update_id}:{number}")
            if end.busy:
                self._drains.finish(due, _BUSY_MS)
                return
            self._tried.pop(due.account, None)
            if end.refused or not end.left:
                self._drains.finish(due, _AGAIN_MS.get(end.refused))
                return
        self._drains.finish(due)
        log.warning("mail left after a drain", left=end.left)
