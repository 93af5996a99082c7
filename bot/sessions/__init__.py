"""Conversation state in Redis: begin, commit, give_up and release, one script each.

Only `bot.turn` and the worker's drain lane enter; handlers see a `Session` and never Redis.
"""

from bot.sessions.allowance import Ledger
from bot.sessions.answers import Committed, Done, Full, GaveUp, Head, Letter, Opening, Run, Wait
from bot.sessions.drains import Drains, Due
from bot.sessions.parked import ParkedMarks
from bot.sessions.store import Sessions, SessionsAway

__all__ = [
    "Committed",
    "Done",
    "Drains",
    "Due",
    "Full",
    "GaveUp",
    "Head",
    "Ledger",
    "Letter",
    "Opening",
    "ParkedMarks",
    "Run",
    "Sessions",
    "SessionsAway",
    "Wait",
]
