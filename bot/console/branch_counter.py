"""What a clerk's pages do, for the clerk who is signed in: their own branch and no other."""

from __future__ import annotations

from flask import abort, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session as Records

from bot.console.branch_cards import Shown, shown
from bot.console.desk import Console
from models.applications import Application
from models.audit import Act
from models.collection import card_at, find_card
from models.passes import DIGITS, Pass, count_wrong, may_try, open_pass

PURPOSE = "collection"
_LONGEST = 40  # characters of what may be typed


class Counter:
    """Finds, shows and notes; 404 for what is not at this branch."""

    def __init__(self, console: Console) -> None:
        self.console = console

    @property
    def branch(self) -> str:
        """The clerk's own; nobody without one gets further."""
        return self.console.me.branch or abort(404)

    def find(self, said: str) -> str | None:
        """The address of what was typed: of a pass by its digits, of a card by its acceptance or
        ID number. None where this branch has no such thing. Raises TriesUsedUp."""
        console, typed = self.console, "".join(said.split())[:_LONGEST]
        rules, now = console.city.collection, console.now()
        with console.database.writing() as records:
            if typed.isascii() and typed.isdigit() and len(typed) == DIGITS:
                found = open_pass(
                    records,
                    console.keys,
                    branch=self.branch,
                    digits=typed,
                    staff_id=console.me.id,
                    rules=rules,
                    now=now,
                )
                return url_for("branch.by_pass", pass_id=found.id) if found else None
            may_try(records, self.branch, console.me.id, rules, now)
            card = find_card(records, console.keys, self.branch, typed, now.date())
            if card is None:
                count_wrong(records, self.branch, console.me.id, now)
                return None
            return url_for("branch.card", application_id=card.id)

    def pass_of(self, records: Records, pass_id: str) -> tuple[Pass, Application]:
        """A pass that a clerk of this branch has typed, and its card; 404 for any other."""
        found = records.get(Pass, pass_id)
        if found is None or found.branch != self.branch or found.opened_at is None:
            abort(404)
        return found, self.card(records, found.application_id)

    def card(self, records: Records, application_id: str) -> Application:
        """A card of this branch; 404 for any other."""
        return card_at(records, self.branch, application_id) or abort(404)

    def show(self, records: Records, card: Application, reason: str) -> Shown:
        """The card in words, after the look at it is noted."""
        self.note(records, card, "application.view", reason)
        return shown(records, self.console, card)

    def note(self, records: Records, card: Application, act: Act, reason: str) -> None:
        """Into the audit trail, in this transaction."""
        self.console.note(records, act, f"application:{card.id}", reason, purpose=PURPOSE)

    def back(self, application_id: str, done: str) -> ResponseReturnValue:
        """To the card's page, which says what was done; the person is told at once."""
        self.console.ring("notices")
        return redirect(url_for("branch.card", application_id=application_id, done=done), 303)
