"""That somebody wrote: said for the records, once an hour."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from bot.dialogue.messages import Update
from bot.dialogue.state import Session
from bot.sessions import SessionsAway, Spoken
from bot.turn.openings import opening
from bot.turn.parts import Parts

EVERY = timedelta(hours=1)
"""So much of the platform's window campaigns may miss."""
NOTE = "spoke"
_OPENS = "message"  # what opens it for days; a tap or a scan opens it for a minute

log = structlog.get_logger(__name__)


class Uses:
    """The session remembers when it was said last, so that nothing is asked of anybody for most
    messages. Without `spoken` nothing is said."""

    def __init__(self, parts: Parts, spoken: Spoken | None) -> None:
        self._parts, self._spoken = parts, spoken

    def note(self, update: Update, session: Session) -> None:
        """Say it, if this is a message and an hour is over. Redis away: the next message will."""
        now = self._parts.now()
        opened = opening(self._parts.city, update, now)
        if self._spoken is None or opened is None or opened.act != _OPENS:
            return
        last = session.notes.get(NOTE)
        if last and now - datetime.fromisoformat(last) < EVERY:
            return
        try:
            self._spoken.note(update.account, now)
        except SessionsAway as away:
            log.warning("use not noted", fault=str(away))
            return
        session.notes[NOTE] = now.isoformat()
