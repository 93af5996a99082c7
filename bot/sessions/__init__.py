"""Conversation state in Redis: begin, commit, give_up and release, one script each.

Only `bot.turn` and the worker's drain lane enter; handlers see a `Session` and never Redis.
"""

from bot.sessions.answers import Committed, Done, Full, GaveUp, Head, Letter, Run, Wait
from bot.sessions.drains import Drains, Due
from bot.sessions.store import Sessions, SessionsAway

__all__ = [
    "Committed",
    "Done",
    "Drains",
    "Due",
    "Full",
    "GaveUp",
    "Head",
    "Letter",
    "Run",
    "Sessions",
    "SessionsAway",
    "Wait",
]
