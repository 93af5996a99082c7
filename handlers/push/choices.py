"""退订 and 订阅通知: what somebody wants to be told beside how their own application goes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.dialogue.messages import Outcome, Reply
from bot.dialogue.readings import Unclear
from bot.dialogue.router import Conversation
from bot.dialogue.steps import words_of
from handlers.subscribing import with_offer
from handlers.words import words
from models.people import account_of
from models.push.choices import stop_in_answer, want_announcements


def stopped(turn: Any, open_: Conversation | None) -> Outcome:
    """Nothing of campaigns any more. What is open stays open; but a word that ends anything
    (`stop`) ends that, which asks first."""
    said = words_of(turn)
    if open_ and words("ending").command(said):
        ended = open_.command(turn, "cancel")
        if not isinstance(ended, Unclear):
            return ended
    since = turn.now - timedelta(days=turn.city.push.answer_days)
    new = stop_in_answer(turn.records, turn.keys, str(turn.account), said, turn.now, since)
    text = turn.say("push.stopped" if new else "push.stopped_before")
    return open_.question(turn, text) if open_ else Reply(text, footer=turn.say("footer"))


def wanted(turn: Any, open_: Conversation | None) -> Outcome:
    """Announcements too, from now on and in the language spoken here; where the platform asks for
    leave itself, the way there."""
    want_announcements(turn.records, str(turn.account), turn.now)
    row = account_of(turn.records, str(turn.account), turn.now)
    row.locale, row.last_inbound_at = turn.session.locale, turn.now
    text = turn.say("push.wanted")
    if open_:
        return open_.question(turn, text)
    return with_offer(turn, Reply(text, footer=turn.say("footer")), "progress")
