"""The kinds of question every form can use: Choice, Text, Date, Consent. See also `checks`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.dialogue.dates import LONG_TERM, names_no_day, read_date
from bot.dialogue.form import Step
from bot.dialogue.messages import Asks, Kind, Option, Reply
from bot.dialogue.readings import UNCLEAR, Answer, Fault, Problem, Reading, Stay
from bot.dialogue.several import Value, parts_of, read_parts
from bot.dialogue.state import Draft
from bot.dialogue.words import Item, Words, labelled, pick, visible

WORDS_KINDS = (Kind.TEXT, Kind.VOICE)
# WeChat writes its own emoticons as /::) or [微笑]; those of Unicode are no letters anyway.
_EMOTICON = re.compile(r"/:[^\s/]{1,8}|\[[^\[\]\d]{1,10}\]")


def words_of(turn: Any) -> str:
    """What was typed or recognised; empty for anything that is not words, emoticons too.

    Without the characters that cannot be seen: a bidi mark turns a read-back round, a zero-width
    one makes two equal addresses differ.
    """
    update = turn.update
    said = visible(str(update.text)) if update.kind in WORDS_KINDS else ""
    return said if any(ch.isalnum() for ch in _EMOTICON.sub("", said)) else ""


def numbered(items: Sequence[Item]) -> tuple[Option, ...]:
    return tuple(Option(str(n), item.label) for n, item in enumerate(items, 1))


@dataclass(frozen=True, kw_only=True)
class Choice(Step):
    """One of at most five options, by number, word, alias or typo.

    `options` are keys of texts below the step's key (`card.work.option.employed`, with other words
    for it in `…option_words.employed`, parted by blanks), or a function that makes items for this
    turn. With `with_text`, words after the number fill that answer ("1 某某公司").
    """

    options: Sequence[str] | Callable[[Any, Draft], Sequence[Item]] = ()
    with_text: str = ""
    most: int = 5

    def items(self, turn: Any, draft: Draft) -> Sequence[Item]:
        if callable(self.options):
            return self.options(turn, draft)
        return [
            Item(
                value,
                turn.say(self.key(f"option.{value}")),
                tuple(turn.say(self.key(f"option_words.{value}")).split()),
            )
            for value in self.options
        ]

    def ask(self, turn: Any, draft: Draft) -> Reply:
        return Reply(turn.say(self.key("ask")), numbered(self.items(turn, draft)))

    def asks(self, turn: Any, draft: Draft) -> Asks:
        return "choice"

    def ask_again(self, turn: Any, draft: Draft) -> Reply:
        return Reply("", numbered(self.items(turn, draft)))

    def read(self, turn: Any, draft: Draft) -> Reading:
        said = words_of(turn)
        if not said:
            return UNCLEAR
        items = self.items(turn, draft)
        if named := labelled(said, items):
            return self.chosen(turn, draft, named, {self.fields[0]: named.value}, "")
        head, _, rest = said.partition(" ") if self.with_text else (said, "", "")
        if self.with_text and not rest and said[:1].isdigit() and not said[1:2].isdigit():
            head, rest = said[:1], said[1:].lstrip(" 、.．，,")
        found = pick(head, items) or pick(said, items)
        if len(found) > 1:
            labels = [item.label for item in found]
            return Problem(turn.say("form.which_of", options="、".join(labels)))
        if not found:
            return UNCLEAR
        values: dict[str, Any] = {self.fields[0]: found[0].value}
        return self.chosen(turn, draft, found[0], values, rest.strip())

    def chosen(
        self, turn: Any, draft: Draft, item: Item, values: dict[str, Any], rest: str
    ) -> Reading:
        """The last word of a subclass on a choice that was understood."""
        if self.with_text and rest:
            values[self.with_text] = rest
        return Answer(values)

    def show(self, turn: Any, draft: Draft) -> str:
        value = draft.answers.get(self.fields[0])
        return next(
            (i.label for i in self.items(turn, draft) if i.value == value), str(value or "")
        )

    def valid(self, turn: Any, draft: Draft) -> bool:
        if not super().valid(turn, draft):
            return False
        value = draft.answers[self.fields[0]]
        if not callable(self.options):  # asked of every answer at every message
            return value in self.options
        return any(item.value == value for item in self.items(turn, draft))

    def texts(self) -> tuple[str, ...]:
        if callable(self.options):
            return super().texts()
        words = [
            self.key(f"{kind}.{v}") for v in self.options for kind in ("option", "option_words")
        ]
        return (*super().texts(), *words)

    def longest(self, say: Callable[[str], str]) -> Sequence[str]:
        if callable(self.options):
            return [say(self.key("ask"))]
        labels = [f"{n} {say(self.key(f'option.{v}'))}" for n, v in enumerate(self.options, 1)]
        return ["\n".join([say(self.key("ask")), *labels])]

    def options_at_most(self) -> int:
        return self.most if callable(self.options) else len(self.options)


@dataclass(frozen=True, kw_only=True)
class Text(Step):
    """One value, or several in one message ("赵小云 1199…"), each by its own reader.

    With several, what was understood is kept and only the rest is asked for again.
    """

    reads: tuple[Value, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(value.name for value in self.reads)

    def read(self, turn: Any, draft: Draft) -> Reading:
        said = words_of(turn)
        if not said:
            return UNCLEAR
        if len(self.reads) == 1:
            return self._read_one(turn, draft, self.reads[0], said)
        return self._read_several(turn, draft, said)

    def _read_one(self, turn: Any, draft: Draft, value: Value, said: str) -> Reading:
        try:
            return Answer({value.name: value.read(turn, draft, said)}, sure=False)
        except Fault as fault:
            return Problem(fault.said(turn))

    def _read_several(self, turn: Any, draft: Draft, said: str) -> Reading:
        parts = parts_of(said)
        everything, _ = read_parts(turn, draft, parts, self.reads)
        if len(everything) == len(self.reads):
            return Answer(everything)
        kept: dict[str, Any] = draft.inner.get("got", {})
        still_open = [v for v in self.reads if v.name not in kept] or self.reads
        found, fault = read_parts(turn, draft, parts, still_open)
        draft.inner["got"] = got = {**kept, **found}
        missing = [v.name for v in self.reads if v.name not in got]
        if not missing and found:
            return Answer(got)
        if fault:
            return Problem(fault.said(turn))
        if not missing:
            return UNCLEAR
        return Stay(Reply(turn.say(self.key(f"need.{missing[0]}"))), sure=False)

    def show(self, turn: Any, draft: Draft) -> str:
        shown = [
            v.show(turn, draft, draft.answers[v.name])
            for v in self.reads
            if v.name in draft.answers
        ]
        return "，".join(shown)

    def texts(self) -> tuple[str, ...]:
        several = self.reads if len(self.reads) > 1 else ()
        return (*super().texts(), *(self.key(f"need.{v.name}") for v in several))


@dataclass(frozen=True, kw_only=True)
class Date(Step):
    """A day in any common writing; `long_term` accepts 长期 too. `check` raises `Fault`."""

    long_term: bool = False
    check: Callable[[Any, Draft, date], None] | None = None

    def asks(self, turn: Any, draft: Draft) -> Asks:
        return "date"

    def read(self, turn: Any, draft: Draft) -> Reading:
        said = words_of(turn)
        if not said:
            return UNCLEAR
        found = read_date(said)
        if found is None and names_no_day(said):
            return Problem(turn.say("problem.no_such_day"))
        if found is None or (found == LONG_TERM and not self.long_term):
            return UNCLEAR
        if isinstance(found, date) and self.check:
            try:
                self.check(turn, draft, found)
            except Fault as fault:
                return Problem(fault.said(turn))
        return Answer({self.fields[0]: found if isinstance(found, str) else found.isoformat()})

    def show(self, turn: Any, draft: Draft) -> str:
        return show_date(turn, draft.answers.get(self.fields[0], ""))


def show_date(turn: Any, value: str) -> str:
    """2038年5月12日, or 长期, in the person's language."""
    if value == LONG_TERM:
        return str(turn.say("form.long_term"))
    if not value:
        return ""
    day = date.fromisoformat(value)
    return str(turn.say("form.date", day=day))


@dataclass(frozen=True, kw_only=True)
class Consent(Step):
    """A consent in words: yes goes on, other words are the subclass's or the caller's `also`.

    `given` records it in the turn's transaction; `also` sees what is neither yes nor no.
    """

    yes: Callable[[Any], Words]
    given: Callable[[Any, Draft], None]
    refused: Callable[[Any, Draft], Reading]
    also: Callable[[Any, Draft, str], Reading] = lambda turn, draft, said: UNCLEAR
    value: Any = True

    def asks(self, turn: Any, draft: Draft) -> Asks:
        return "consent"

    def read(self, turn: Any, draft: Draft) -> Reading:
        said = words_of(turn)
        match self.yes(turn).command(said):
            case "yes":
                self.given(turn, draft)
                return Answer({self.fields[0]: self.value})
            case "no":
                return self.refused(turn, draft)
        return self.also(turn, draft, said) if said else UNCLEAR

    def show(self, turn: Any, draft: Draft) -> str:
        return str(turn.say("form.agreed"))
