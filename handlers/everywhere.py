"""Global words with an answer of their own: 窗口, 语言, 解绑."""

from __future__ import annotations

from typing import Any

from bot.dialogue.messages import Outcome, Reply
from bot.dialogue.router import Conversation
from bot.dialogue.steps import words_of
from bot.dialogue.words import fold
from config.locales import LOCALES
from handlers.menu import menu
from handlers.words import words
from models.applications import applications_of
from models.people import account_of, find_account, unbind


def counter(turn: Any, open_: Conversation | None) -> Outcome:
    """Where the counter is. The question stays open: coming back needs no word."""
    return Reply(turn.say("counter"), footer=turn.say("footer"))


def language(turn: Any, open_: Conversation | None) -> Outcome:
    """Switch to the language named, or, at the bare word, to the other one; then the open question
    in it. None for a language that there is not: the FAQ says which there are."""
    said = words_of(turn)
    named = words("languages").command(said)
    if named is None and words("global").command(said) == "language":
        named = next(locale for locale in LOCALES if locale != turn.session.locale)
    if named is None:
        named = "en" if "english" in fold(said) or "英" in said else None
    if named is None:
        return None
    _speak(turn, named)
    if open_:
        return open_.question(turn, turn.say("language.switched"))
    return menu(turn, turn.say("language.switched"))


def _speak(turn: Any, locale: str) -> None:
    """From now on in this language: here, and in what is sent later, as reminders are."""
    turn.session.locale = locale
    with turn.reading() as records:
        known = find_account(records, str(turn.account)) is not None
    if known:  # a word about the language alone makes no record of anybody
        account_of(turn.records, str(turn.account), turn.now).locale = locale


def hear(turn: Any, said: str) -> None:
    """Whoever begins with an English word (hello, apply) is answered in English."""
    fresh = not turn.session.drafts and not turn.session.notes.get("language")
    if fresh and words("languages").command(said) is None and words("english").command(said):
        turn.session.locale = "en"
    if said:
        turn.session.notes["language"] = "heard"


def unbound(turn: Any, open_: Conversation | None) -> Outcome:
    """解绑: this account is nobody's any more. What it handed in itself it still sees."""
    unbind(turn.records, str(turn.account))
    own = applications_of(turn.records, account=str(turn.account))
    text = turn.say("progress.unbound_own" if own else "progress.unbound")
    return open_.question(turn, text) if open_ else Reply(text, footer=turn.say("footer"))
