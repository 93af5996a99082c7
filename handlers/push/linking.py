"""绑定工作号 123456: a member of staff links the account on which they try pushes."""

from __future__ import annotations

import re
from typing import Any

from bot.dialogue.messages import Outcome, Reply
from bot.dialogue.router import Conversation
from bot.dialogue.steps import words_of
from bot.dialogue.words import fold
from models.audit import audit
from models.push.testers import LIFE, link_by_code

_CODE = re.compile(r"\d{6}", re.ASCII)


def linked(turn: Any, open_: Conversation | None) -> Outcome:
    """Wrong, old and too many are told in the same words: nobody learns whether a code waits."""
    found = _CODE.search(fold(words_of(turn)))
    staff = link_by_code(turn.records, found[0], str(turn.account), turn.now) if found else None
    if staff is not None:
        audit(
            turn.records,
            actor=f"staff:{staff.id}",
            act="push.link_account",
            subject=f"staff:{staff.id}",
            reason="code",
            detail={"channel": turn.account.channel},
            now=turn.now,
        )
    minutes = LIFE.seconds // 60
    text = turn.say("push.linked") if staff else turn.say("push.not_linked", minutes=minutes)
    return open_.question(turn, text) if open_ else Reply(text, footer=turn.say("footer"))
