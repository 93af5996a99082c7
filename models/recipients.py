"""The number by which a person is written to: all their accounts have the same.

It grows with time, so that rows of many accounts are written in order, and is drawn, so that it
says no more than when the first account was made.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
_DRAWN_BITS = 22  # below 41 bits of milliseconds: 63 in all, which any database holds


def another_recipient(made: datetime) -> int:
    """A number that nobody has; `made`: about when its account was."""
    milliseconds = int((made - _EPOCH).total_seconds() * 1000)
    return (max(milliseconds, 1) << _DRAWN_BITS) | secrets.randbits(_DRAWN_BITS)


def own_recipient(context: Any) -> int:
    """Of a new account, as SQLAlchemy asks for a default."""
    return another_recipient(context.get_current_parameters()["created_at"])


def key_of(context: Any) -> str:
    """`channel:app:user` of a new account, as SQLAlchemy asks for a default."""
    given = context.get_current_parameters()
    return f"{given['channel']}:{given['app']}:{given['user']}"
