"""Somebody came or went: followed, scanned a code, opened the chat of a mini program, left.

A code of a campaign opens what the city wrote for it, a branch's code tells of that branch; any
other is the ordinary welcome.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.dialogue.messages import Kind, Outcome, Reply
from bot.dialogue.router import Conversation
from config.city import Branch
from handlers.card.branch import BRANCH_NOTE, branch_address, branch_hours, branch_name
from handlers.card.closing import closes, hinted, instead
from handlers.desk import has_the_chat
from models.leaving import hold_sends
from models.people import find_account
from models.subscriptions import follow, leave

_AT_ONCE = timedelta(minutes=1)  # who opens the chat twice within it does so by accident


class Arrivals:
    """`opens` acts on an intent as a menu key does; `conversations` are all there are, by name."""

    def __init__(self, menu: Callable[[Any, str], Reply]) -> None:
        self._menu = menu
        self.conversations: Mapping[str, Conversation] = {}
        self.opens: Callable[[Any, str], Outcome] = lambda turn, intent: self._menu(turn, "")

    def followed(self, turn: Any) -> Outcome:
        """The account was followed, or a code scanned: both bring the code's scene."""
        with turn.reading() as records:
            known = find_account(records, str(turn.account))
            gone = known is not None and not known.followed
        if gone:
            follow(turn.records, str(turn.account), turn.now)
        self._note(turn)
        return self._led(turn)

    def entered(self, turn: Any) -> Outcome:
        """The chat was opened: what was going on there, else the greeting; a code's scene in any
        case. Some platforms tell of it each time, and would let us answer once a day."""
        if self._was_answered(turn):
            return None
        self._note(turn)
        return self._led(turn)

    def left(self, turn: Any) -> Outcome:
        """Nothing can be delivered any more: nothing is sent, and what is kept has an end."""
        leave(turn.records, str(turn.account), turn.now)
        hold_sends(turn.records, str(turn.account))
        return None

    @staticmethod
    def _note(turn: Any) -> None:
        turn.session.notes["entered"] = turn.now.isoformat()
        turn.session.notes["scene"] = turn.update.key

    @staticmethod
    def _was_answered(turn: Any) -> bool:
        """Whether they came a moment ago already, and not by another code that opens something."""
        notes, scene = turn.session.notes, turn.update.key
        if "entered" not in notes:
            return False
        opens = turn.city.branch_of(scene) or turn.city.opened_by(scene)
        if opens and scene != notes.get("scene"):
            return False
        pause = _AT_ONCE if scene else turn.manner.greets_every
        return bool(turn.now - datetime.fromisoformat(notes["entered"]) < pause)

    def _led(self, turn: Any) -> Outcome:
        if has_the_chat(turn):
            return None
        scene = turn.update.key
        if branch := turn.city.branch_of(scene):
            return self._at(turn, branch)
        if intent := turn.city.opened_by(scene):
            return self.opens(turn, intent)
        if turn.update.kind is Kind.ENTER:
            return self._goes_on(turn, "")
        return self._menu(turn, "")

    def _at(self, turn: Any, branch: Branch) -> Outcome:
        """Where they stand; the form will offer it first, or the one instead of it."""
        offered = turn.city.is_offered(branch, turn.today)
        to = branch if offered else instead(turn, branch)
        turn.session.notes[BRANCH_NOTE] = to.code
        told = turn.say(
            "scene.branch" if offered else "scene.closed",
            branch=hinted(turn, to),
            address=branch_address(turn, to),
            hours=branch_hours(turn, to),
            phone=to.phone,
            **({} if offered else {"old": branch_name(turn, branch), "day": closes(turn, branch)}),
        )
        return self._goes_on(turn, str(told))

    def _goes_on(self, turn: Any, before: str) -> Outcome:
        open_ = self.conversations.get(turn.session.talk)
        return open_.question(turn, before) if open_ else self._menu(turn, before)
