"""Conversation state in Redis: begin, commit, give_up and release, one script each.

Only `bot.turn`, the worker's lanes of mail and receipts and its chores of pushes enter, and, for
what a page shows, the site and the API; handlers see a `Session` and never Redis.
"""

from bot.sessions.allowance import Ledger
from bot.sessions.answers import Committed, Done, Full, GaveUp, Head, Letter, Opening, Run, Wait
from bot.sessions.drains import Drains, Due
from bot.sessions.parked import ParkedMarks
from bot.sessions.receipts import Receipt, Receipts
from bot.sessions.spoken import Spoken
from bot.sessions.store import Sessions, SessionsAway
from bot.sessions.transcripts import PICTURE_LIFE, Entry, Transcripts

__all__ = [
    "PICTURE_LIFE",
    "Committed",
    "Done",
    "Drains",
    "Due",
    "Entry",
    "Full",
    "GaveUp",
    "Head",
    "Ledger",
    "Letter",
    "Opening",
    "ParkedMarks",
    "Receipt",
    "Receipts",
    "Run",
    "Sessions",
    "SessionsAway",
    "Spoken",
    "Transcripts",
    "Wait",
]
