"""撤回: an application is given up by its person, after a question back."""

from __future__ import annotations

from typing import Any

from bot.dialogue.messages import Reply
from handlers.progress.shown import about
from handlers.returned.choosing import choice, chosen
from handlers.returned.draft import drop_draft
from handlers.returned.resubmit import BY
from models.application_states import Actor, State
from models.applications import Application
from models.lifecycle import matter_of
from models.notices import fold
from models.progress import tail

AT_ONCE = frozenset({State.RETURNED, State.SUBMITTED, State.RESUBMITTED})
ON_REQUEST = frozenset({State.APPROVED})
"""Approved already: staff have the last word."""
_ANSWERS = ("yes", "no")


def may_withdraw(application: Application) -> bool:
    return application.state in AT_ONCE | ON_REQUEST


def question(turn: Any, application: Application) -> Reply:
    """撤回后这份申请就结束了，要撤回吗？"""
    asked = turn.say("returned.withdraw.ask", tail=tail(application.number))
    return choice(turn, asked, "returned.withdraw", _ANSWERS)


def answer(turn: Any, said: str) -> str:
    """yes, no, or "" for neither."""
    return chosen(turn, said, "returned.withdraw", _ANSWERS)


def withdraw(turn: Any, application: Application) -> Reply:
    """Ended at once, or asked of staff; what waits about it is told no more."""
    at_once = application.state in AT_ONCE
    to = State.CANCELLED if at_once else State.CANCEL_REQUESTED
    turn.life.advance(turn.records, application, to, Actor.CITIZEN, turn.now, by=BY, quiet=True)
    fold(turn.records, application.account_key, matter_of(application))
    drop_draft(turn)
    said = turn.say("returned.withdraw.done" if at_once else "returned.withdraw.asked")
    return Reply(said, footer=turn.say("footer"), about=about(application))
