"""解绑其他: the other accounts of the same person, and letting them go from here.

A phone that was lost, a browser in a library: whoever is bound here may unbind there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.dialogue.messages import Option, Outcome, Reply
from bot.dialogue.readings import UNCLEAR, Leave, Reading, Unclear
from bot.dialogue.router import Conversation
from bot.dialogue.steps import words_of
from bot.dialogue.words import Item, pick
from handlers.elsewhere.found import channel_of
from models.people import Account, accounts_of, person_of, unbind_other

MOST_LISTED = 5
_ALL = "all"


class BindingsTalk:
    """Asks which to let go; then whatever was open before goes on."""

    name = "bindings"
    intents = ()

    def __init__(self, menu: Callable[[Any, str], Reply]) -> None:
        self._menu = menu
        self.conversations: Mapping[str, Conversation] = {}

    def wanted(self, turn: Any, open_: Conversation | None) -> Outcome:
        """The list, or why there is none."""
        others = _others(turn)
        if not others:
            said = turn.say("accounts.not_bound" if others is None else "accounts.none")
            return open_.question(turn, said) if open_ else self._told(turn, said)
        if turn.session.talk != self.name:
            turn.session.notes[self.name] = {"back_to": turn.session.talk}
            turn.session.talk = self.name
        return self.question(turn, "")

    def begin(self, turn: Any, intent: str) -> Outcome:
        return self.wanted(turn, None)

    def question(self, turn: Any, before: str) -> Reply:
        others = _others(turn)
        if not others:
            return self._back(turn, before)
        listed = tuple(Option(str(n), _described(turn, a)) for n, a in enumerate(others, 1))
        how, footer = turn.say("accounts.how"), turn.say("footer")
        reply = Reply(turn.say("accounts.list"), listed, after=how, footer=footer)
        if before.endswith(("，", ", ")):
            return replace(reply, text=f"{before}{reply.text}")
        return reply.preceded_by(before)

    def read(self, turn: Any) -> Reading:
        others = _others(turn) or []
        items = [Item(a.id, _described(turn, a), (_where(turn, a),)) for a in others]
        everything = Item(_ALL, _ALL, tuple(turn.say("accounts.all_words").split()))
        chosen = {item.value for item in pick(words_of(turn), [*items, everything])}
        if chosen == {_ALL}:
            chosen = {account.id for account in others}
            said = turn.say("accounts.all_unbound")
        elif len(chosen) == 1:
            said = turn.say("accounts.unbound", where=_where(turn, _named(others, chosen)))
        else:
            return UNCLEAR
        for account_id in chosen:
            unbind_other(turn.records, str(turn.account), account_id)
        return Leave(self._back(turn, said))

    def take(self, turn: Any, reading: Reading) -> Outcome:
        if isinstance(reading, Leave):
            return reading.reply
        return self.question(turn, turn.say("form.not_understood"))

    def command(self, turn: Any, command: str) -> Outcome | Unclear:
        match command:
            case "back" | "cancel":
                return self._back(turn, "")
            case "menu":
                return self._back(turn, "") if not self._open_before(turn) else Unclear()
            case "resume" | "help":
                return self.question(turn, "")
        return Unclear()

    def result(self, turn: Any) -> Outcome:
        return None

    def _open_before(self, turn: Any) -> Conversation | None:
        return self.conversations.get(turn.session.notes.get(self.name, {}).get("back_to", ""))

    def _back(self, turn: Any, before: str) -> Reply:
        open_ = self._open_before(turn)
        turn.session.talk = turn.session.notes.pop(self.name, {}).get("back_to", "")
        if open_:
            return open_.question(turn, before)
        return self._told(turn, before) if before else self._menu(turn, "")

    @staticmethod
    def _told(turn: Any, text: str) -> Reply:
        return Reply(text, footer=turn.say("footer"))


def _others(turn: Any) -> list[Account] | None:
    """The other accounts of this person, the last used first; None where nobody is bound here."""
    with turn.reading() as records:
        person = person_of(records, str(turn.account))
        found = accounts_of(records, person.id) if person else []
        records.expunge_all()
    if person is None:
        return None
    others = [account for account in found if account.key != str(turn.account)]
    return sorted(others, key=_last_used, reverse=True)[:MOST_LISTED]


def _last_used(account: Account) -> datetime:
    used = account.last_inbound_at or account.bound_at
    assert used is not None  # noqa: S101 - a bound account has a moment of binding
    return used


def _named(others: list[Account], chosen: set[Any]) -> Account:
    return next(account for account in others if account.id in chosen)


def _where(turn: Any, account: Account) -> str:
    return channel_of(turn, account.key)


def _described(turn: Any, account: Account) -> str:
    """微信（11月23日起，12月1日用过）"""
    assert account.bound_at is not None  # noqa: S101 - it is bound
    days = [_day(turn, moment) for moment in (account.bound_at, _last_used(account))]
    return str(
        turn.say("accounts.option", where=_where(turn, account), since=days[0], last=days[1])
    )


def _day(turn: Any, moment: datetime) -> str:
    return str(turn.say("form.day", day=moment.astimezone(turn.city.tz).date()))
