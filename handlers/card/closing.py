"""A branch that closes, said in words: from which day on, and where to go instead."""

from __future__ import annotations

from typing import Any

from config.city import Branch


def closes(turn: Any, branch: Branch) -> str:
    """The day from which on nothing is handed out there; "" for a branch that goes on."""
    if branch.closes_on is None:
        return ""
    return str(turn.texts.day(turn.session.locale, branch.closes_on, turn.today))


def instead(turn: Any, branch: Branch) -> Branch:
    """Where to go: to its successor, else to the nearest of the same bank."""
    found: Branch = turn.city.instead_of(branch, turn.today)
    return found


def name_of(turn: Any, branch: Branch) -> str:
    """In the person's language."""
    return branch.name_en if turn.session.locale == "en" else branch.name


def said_closed(turn: Any, branch: Branch) -> str:
    """城东支行11月30日起不办了，改到和平路支行。"""
    return str(
        turn.say(
            "card.branch.closed",
            branch=name_of(turn, branch),
            day=closes(turn, branch),
            place=name_of(turn, instead(turn, branch)),
        )
    )


def hinted(turn: Any, branch: Branch) -> str:
    """The branch's name, with the day on which it closes where it does."""
    name = name_of(turn, branch)
    if day := closes(turn, branch):
        return str(turn.say("card.branch.closes", branch=name, day=day))
    return name
