"""What a chosen answer does beside being listed, by the name of its act. A new one is added here.

An act gets the turn, what was answered and the open question's conversation, if one is open; it
returns what to say, or None where the plain confirmation will do. It writes through `turn.records`:
all of it is committed with the answer, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.dialogue.messages import Outcome
from bot.dialogue.router import Conversation
from handlers.collecting.closing import other_branch, to_successor
from models.push.heard import Heard
from models.push.messages import Option


@dataclass(frozen=True, slots=True)
class Answered:
    """One option of one campaign was chosen, by who got it."""

    heard: Heard
    option: Option


Act = Callable[[Any, Answered, Conversation | None], Outcome]

ACTS: Mapping[str, Act] = {"successor": to_successor, "branches": other_branch}
"""By the `act` of an option. What has none here is listed as an answer, and no more."""
