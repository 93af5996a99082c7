"""Who answers: a result's own conversation → a global word → the open question → intent → help.

A `Conversation` is a form (see `FormTalk`) or a handler of its own. The router knows none by name.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.dialogue.clicks import Click, marked, place_of, read_click
from bot.dialogue.intents import Guess
from bot.dialogue.messages import Kind, Outcome, Reply
from bot.dialogue.readings import Answer, Problem, Reading, Stay, Unclear
from bot.dialogue.steps import words_of
from bot.dialogue.words import Words, as_number, edit_target

IDLE = 0.4  # an intent above this is acted on where nothing is open
SURE = 0.62  # … where something is open, but what was said is no answer to it
CERTAIN = 0.86  # an intent above this is preferred to a free text that any sentence would answer


class Conversation(Protocol):
    """One thing the bot can talk about. `intents` open it; with the floor, it reads first."""

    @property
    def name(self) -> str: ...
    @property
    def intents(self) -> tuple[str, ...]: ...

    def begin(self, turn: Any, intent: str) -> Outcome:
        """Somebody wants this."""

    def read(self, turn: Any) -> Reading:
        """What the open question makes of the update."""

    def take(self, turn: Any, reading: Reading) -> Outcome:
        """Carry a reading out."""

    def question(self, turn: Any, before: str) -> Reply:
        """The open question again, after `before`."""

    def command(self, turn: Any, command: str) -> Outcome | Unclear:
        """A global word (back, keep, cancel, resume …) with the floor; Unclear: not mine."""

    def result(self, turn: Any) -> Outcome:
        """Background work that this conversation asked for is done."""


class Outside(Protocol):
    """Whoever put a question outside of the conversation; None: that is no answer to it."""

    def clicked(self, turn: Any, open_: Conversation | None) -> Outcome:
        """A click on an option of no question of ours."""

    def named(self, turn: Any, open_: Conversation | None, said: str) -> Outcome:
        """Words that may be an option's, to the letter."""

    def numbered(self, turn: Any, number: int) -> Outcome:
        """A number, where nothing is open."""

    def listens(self, turn: Any) -> bool:
        """Whether words of one's own may be an answer."""

    def told(self, turn: Any, said: str) -> Outcome:
        """Words that nothing else understands, where nothing is open and somebody `listens`."""


class _Nobody:
    """Nothing was put."""

    def clicked(self, turn: Any, open_: Conversation | None) -> Outcome:
        return None

    def named(self, turn: Any, open_: Conversation | None, said: str) -> Outcome:
        return None

    def numbered(self, turn: Any, number: int) -> Outcome:
        return None

    def listens(self, turn: Any) -> bool:
        return False

    def told(self, turn: Any, said: str) -> Outcome:
        return None


@dataclass(frozen=True)
class Router:
    """Finds who answers a turn. `answers` gives the FAQ's words for an intent, or None.

    `openers` are words that name an intent outright (办卡, progress), whatever `understand` thinks.
    `understand` guesses what a text means, surest first; what is less sure than its second argument
    it may leave out. `hear` is told what was said before anything else is made of it.
    `menu` greets and lists what can be done; `menu_intents` are its numbered lines. `jobs` maps a
    job's name to the conversation that asked. `commands` are global words with an answer of their
    own (人工, 语言 …): each gets the turn and the open conversation's question, if one is open.
    `events` are answered by themselves. While `silent` nothing a person says is answered: somebody
    else speaks to them. `nearby` answers a place that nothing asked for.
    `forms` ask the same questions, and so for the same jobs. `outside` put questions elsewhere:
    what is open here, a global word and whatever is understood go first.
    """

    conversations: Mapping[str, Conversation]
    jobs: Mapping[str, str]
    words: Words
    openers: Words
    understand: Callable[[str, float], Sequence[Guess]]
    menu: Callable[[Any, str], Reply]
    menu_intents: Sequence[str]
    answers: Callable[[Any, str], str | None]
    commands: Mapping[str, Callable[[Any, Conversation | None], Outcome]]
    events: Mapping[Kind, Callable[[Any], Outcome]]
    hear: Callable[[Any, str], None] = lambda turn, said: None
    silent: Callable[[Any], bool] = lambda turn: False
    nearby: Callable[[Any], Outcome] = lambda turn: None
    forms: Collection[str] = ()
    outside: Outside = field(default_factory=_Nobody)

    def __call__(self, turn: Any) -> Outcome:
        before = place_of(turn.session)
        old = read_click(turn) is Click.OLD and not self.silent(turn)
        outcome = self._old_choice(turn) if old else self._update(turn)
        return marked(turn.session, outcome, before)

    def _update(self, turn: Any) -> Outcome:
        update = turn.update
        if update.kind is Kind.RESULT:
            owner = self._asked_for(turn)
            return owner.result(turn) if owner else None
        if update.kind in self.events:
            return self.events[update.kind](turn)
        if self.silent(turn):
            return None
        if update.kind is Kind.CLICK:
            return self.opens(turn, update.key)
        return self._message(turn)

    def _asked_for(self, turn: Any) -> Conversation | None:
        """Whose job it was: of several forms with the same questions the one whose draft it is."""
        owner, draft = self.jobs.get(turn.update.key, ""), turn.update.data.get("draft")
        if owner in self.forms:
            drafts = turn.session.drafts
            owner = next((n for n in self.forms if n in drafts and drafts[n].id == draft), owner)
        return self.conversations.get(owner)

    def opens(self, turn: Any, key: str) -> Outcome:
        """What a key of the platform's menu, or a code that was scanned, leads to: an intent."""
        return self._meant(turn, key, self._open(turn)) or self.menu(turn, "")

    def intents(self) -> frozenset[str]:
        """What is acted on here. Of others the FAQ knows some; the rest lead to the menu."""
        talks = (name for talk in self.conversations.values() for name in talk.intents)
        return frozenset(("greeting", *self.commands, *talks))

    # --- messages -----------------------------------------------------------------------

    def _open(self, turn: Any) -> Conversation | None:
        return self.conversations.get(turn.session.talk)

    def _message(self, turn: Any) -> Outcome:
        open_, said = self._open(turn), words_of(turn)
        self.hear(turn, said)
        if command := self.words.command(said):
            outcome = self._command(turn, open_, command)
            if not isinstance(outcome, Unclear):
                return outcome
        return self._in(turn, open_, said) if open_ else self._idle(turn, said)

    def _old_choice(self, turn: Any) -> Outcome:
        """An option further up in the chat: what it is about, if that is no answer to what is open;
        else the open question again."""
        open_, said = self._open(turn), words_of(turn)
        if (answered := self.outside.clicked(turn, open_)) is not None:
            return answered
        if open_ is None:
            return self._message(turn)
        if command := self.words.command(said):
            outcome = self._command(turn, open_, command)
            if not isinstance(outcome, Unclear):
                return outcome
        guess = self._guess(said, SURE)
        if guess and (meant := self._meant(turn, guess, open_)) is not None:
            return meant
        return open_.question(turn, turn.say("old_choice"))

    def _command(self, turn: Any, open_: Conversation | None, command: str) -> Outcome | Unclear:
        if open_ and not isinstance(outcome := open_.command(turn, command), Unclear):
            return outcome
        if command in self.commands:
            return self.commands[command](turn, open_)
        if not open_ and command in ("back", "menu", "help"):
            return self.menu(turn, "")
        return Unclear()

    def _in(self, turn: Any, open_: Conversation, said: str) -> Outcome:
        """An open question: its own reading first, unless something else is clearly meant."""
        reading = open_.read(turn)
        unsure = isinstance(reading, Unclear | Problem) or (
            isinstance(reading, Answer | Stay) and not reading.sure
        )
        if not unsure or (isinstance(reading, Problem) and not said):
            return open_.take(turn, reading)
        if not said:
            return open_.question(turn, turn.say(f"unread.{_unread(turn)}"))
        if isinstance(reading, Unclear) and (target := edit_target(said)):
            edited = open_.command(turn, f"edit {target}")
            if not isinstance(edited, Unclear):
                return edited
        is_no_answer = isinstance(reading, Unclear | Problem)
        if is_no_answer and (named := self.outside.named(turn, open_, said)) is not None:
            return named
        guess = self._guess(said, SURE if isinstance(reading, Unclear) else CERTAIN)
        if guess and (outcome := self._meant(turn, guess, open_)) is not None:
            return outcome
        return open_.take(turn, reading)

    def _idle(self, turn: Any, said: str) -> Outcome:
        if turn.update.kind is Kind.LOCATION and (found := self.nearby(turn)) is not None:
            return found
        if not said:
            return self.menu(turn, turn.say(f"unread.{_unread(turn)}"))
        if (number := as_number(said)) and (outcome := self._numbered(turn, number)) is not None:
            return outcome
        # An option's own words are surer than any guess, but not than the name of an intent.
        if not self.openers.command(said) and (named := self.outside.named(turn, None, said)):
            return named
        listens = self.outside.listens(turn)
        guess = self._guess(said, SURE if listens else IDLE)
        if guess and (outcome := self._meant(turn, guess, None)) is not None:
            return outcome
        if listens and (told := self.outside.told(turn, said)) is not None:
            return told
        return self.menu(turn, turn.say("not_understood"))

    def _numbered(self, turn: Any, number: int) -> Outcome:
        """What showed its numbers last; else the menu, whose lines many know by heart."""
        if (answered := self.outside.numbered(turn, number)) is not None:
            return answered
        if number <= len(self.menu_intents):
            return self._meant(turn, self.menu_intents[number - 1], None)
        return None

    # --- intents ------------------------------------------------------------------------

    def _guess(self, said: str, at_least: float) -> str | None:
        if named := self.openers.command(said):
            return named
        guesses = self.understand(said, at_least)
        if guesses and guesses[0].score >= at_least and guesses[0].intent != "other":
            return guesses[0].intent
        return None

    def _meant(self, turn: Any, intent: str, open_: Conversation | None) -> Outcome:
        """Act on an intent; in the middle of something, with the open question after the answer."""
        if intent in self.commands and (said := self.commands[intent](turn, open_)) is not None:
            return said
        if open_ and intent in open_.intents:
            outcome = open_.command(turn, f"intent {intent}")
            return None if isinstance(outcome, Unclear) else outcome
        for conversation in self.conversations.values():
            if intent in conversation.intents:
                outcome = self._hand_over(turn, conversation, intent, open_)
                if outcome is not None:
                    return outcome
        if intent == "greeting":
            return open_.question(turn, "") if open_ else self.menu(turn, "")
        answer = self.answers(turn, intent)
        if answer is None:
            return None
        if open_:
            return open_.question(turn, turn.say("form.aside", answer=answer))
        return Reply(answer, footer=turn.say("footer"))

    def _hand_over(
        self, turn: Any, to: Conversation, intent: str, from_: Conversation | None
    ) -> Outcome:
        """Another conversation is wanted: answered in passing if it can, else it gets the floor."""
        aside = getattr(to, "aside", None)
        if from_ and aside and (answer := aside(turn, intent)) is not None:
            return from_.question(turn, turn.say("form.aside", answer=answer))
        return to.begin(turn, intent)


_NAMED = (Kind.VOICE, Kind.IMAGE, Kind.LOCATION, Kind.PHONE)


def _unread(turn: Any) -> str:
    """The name below `unread.` for a message without words."""
    kind = turn.update.kind
    return str(kind.value) if kind in _NAMED else "other"
