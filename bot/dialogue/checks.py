"""Questions that show what is known and ask whether it is right: Check, and ReadBack at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.dialogue.form import Filling, Form, Step
from bot.dialogue.messages import Asks, Option, Reply
from bot.dialogue.readings import UNCLEAR, Answer, Fault, Problem, Reading, Stay
from bot.dialogue.several import Value
from bot.dialogue.state import Draft
from bot.dialogue.steps import words_of
from bot.dialogue.words import Item, Words, as_number, fold, pick


@dataclass(frozen=True, kw_only=True)
class Check(Step):
    """Several values shown at once: all right, or which line is wrong; only that one is typed.

    `values` are the lines in order; `learned` gives what to show, by name; `confirmed` has the
    last word once all is right (a fault there is said and the line asked).
    """

    values: tuple[Value, ...] = ()
    learned: Callable[[Any, Draft], Mapping[str, Any]]
    confirmed: Callable[[Any, Draft, dict[str, Any]], Reading]

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(value.name for value in self.values)

    def current(self, turn: Any, draft: Draft) -> dict[str, Any]:
        """What is held to be right: learned, or confirmed before, or typed just now."""
        before = {name: draft.answers[name] for name in self.fields if name in draft.answers}
        reopened = before if self.name in draft.kept else {}
        return {**self.learned(turn, draft), **reopened, **draft.inner.get("typed", {})}

    def typing(self, turn: Any, draft: Draft) -> str | None:
        """The value that is being typed: the one named as wrong, or the first that is missing."""
        if draft.inner.get("typing") or draft.inner.get("which"):
            return draft.inner.get("typing")
        known = self.current(turn, draft)
        return next((v.name for v in self.values if v.name not in known), None)

    def ask(self, turn: Any, draft: Draft) -> Reply:
        if name := self.typing(turn, draft):
            return Reply(turn.say(self.key(f"type.{name}")))
        if draft.inner.get("which"):
            return Reply(turn.say(self.key("which")), self._lines(turn))
        shown = self.shown(turn, draft, self.current(turn, draft))
        items = (
            Option("1", turn.say("form.all_right")),
            Option("2", turn.say("form.something_wrong")),
        )
        return Reply(turn.say(self.key("ask"), **shown), items)

    def asks(self, turn: Any, draft: Draft) -> Asks:
        return "text" if self.typing(turn, draft) else "choice"

    def shown(self, turn: Any, draft: Draft, known: dict[str, Any]) -> dict[str, str]:
        """Every line in words."""
        return {
            v.name: v.show(turn, draft, known[v.name])
            if v.name in known
            else turn.say("form.unread")
            for v in self.values
        }

    def _lines(self, turn: Any) -> tuple[Option, ...]:
        return tuple(
            Option(str(n), turn.say(self.key(f"line.{v.name}")))
            for n, v in enumerate(self.values, 1)
        )

    def read(self, turn: Any, draft: Draft) -> Reading:
        said = words_of(turn)
        if not said:
            return UNCLEAR
        if name := self.typing(turn, draft):
            return self._typed(turn, draft, name, said)
        lines = [
            Item(o.key, o.label, tuple(turn.say(self.key(f"line_words.{v.name}")).split()))
            for o, v in zip(self._lines(turn), self.values, strict=True)
        ]
        if draft.inner.get("which"):
            return self._which(turn, draft, pick(said, lines))
        answers = [
            Item(True, turn.say("form.all_right"), tuple(turn.say("form.all_right_words").split())),
            Item(
                False,
                turn.say("form.something_wrong"),
                tuple(turn.say("form.something_wrong_words").split()),
            ),
        ]
        named = (
            [] if as_number(said) else [i for i in pick(said, lines) if fold(i.label) in fold(said)]
        )
        found = pick(said, answers)
        if named and not (found and found[0].value):
            return self._which(turn, draft, named)
        if not found:
            return UNCLEAR
        if found[0].value:
            return self.confirmed(turn, draft, self.current(turn, draft))
        draft.inner["which"] = True
        return Stay(self.ask(turn, draft))

    def _which(self, turn: Any, draft: Draft, found: Sequence[Item]) -> Reading:
        if len(found) != 1:
            return UNCLEAR
        draft.inner["typing"] = self.values[int(found[0].value) - 1].name
        return Stay(self.ask(turn, draft))

    def _typed(self, turn: Any, draft: Draft, name: str, said: str) -> Reading:
        value = next(v for v in self.values if v.name == name)
        try:
            read = value.read(turn, draft, said)
        except Fault as fault:
            return Problem(fault.said(turn))
        draft.inner = {"typed": {**draft.inner.get("typed", {}), name: read}}
        return Stay(self.ask(turn, draft), sure=False)

    def retreat(self, turn: Any, draft: Draft) -> bool:
        if draft.inner.get("typing") or draft.inner.get("which"):
            typed = draft.inner.get("typed")
            draft.inner = {"typed": typed} if typed else {}
            return all(v.name in self.current(turn, draft) for v in self.values)
        return False

    def texts(self) -> tuple[str, ...]:
        each = [
            self.key(f"{kind}.{v.name}")
            for v in self.values
            for kind in ("line", "line_words", "type")
        ]
        return (self.key("ask"), self.key("which"), *each)

    def longest(self, say: Callable[[str], str]) -> Sequence[str]:
        choices = f"1 {say('form.all_right')}\n2 {say('form.something_wrong')}"
        return [f"{say(self.key('ask'))}\n{choices}"]

    def options_at_most(self) -> int:
        return max(2, len(self.values))


@dataclass(frozen=True, kw_only=True)
class ReadBack(Step):
    """The last look: every line of the form; 确认 submits, 修改 opens a line again."""

    whole: Callable[[], Form]
    yes: Callable[[Any], Words]

    def lines(self, turn: Any, draft: Draft) -> list[tuple[str, str, list[Step]]]:
        """(line name, what is shown, its steps) of every line that has an answer."""
        filling = Filling(self.whole(), turn, draft)
        found = []
        for name, steps in self.whole().lines():
            asked = [s for s in steps if s.name in draft.done and filling.applies(s)]
            parts = [shown for s in asked if (shown := s.show(turn, draft))]
            if parts:
                found.append((name, turn.say("form.joined").join(parts), asked))
        return found

    def ask(self, turn: Any, draft: Draft) -> Reply:
        lines = [
            turn.say("form.line", label=turn.say(f"{self.form}.{name}.label"), value=shown)
            for name, shown, _ in self.lines(turn, draft)
        ]
        return Reply(
            "\n".join([turn.say(self.key("ask")), *lines]), after=turn.say(self.key("after"))
        )

    def asks(self, turn: Any, draft: Draft) -> Asks:
        return "confirm"

    def read(self, turn: Any, draft: Draft) -> Reading:
        if self.yes(turn).command(words_of(turn)) == "confirm":
            return Answer({})
        return UNCLEAR

    @property
    def fields(self) -> tuple[str, ...]:
        return ()

    def valid(self, turn: Any, draft: Draft) -> bool:
        return False

    def line_named(self, turn: Any, draft: Draft, target: str) -> list[Step] | None:
        """The steps of the line that 修改 names: by its number in the read-back, or in words."""
        lines = self.lines(turn, draft)
        items = [
            Item(
                n,
                turn.say(f"{self.form}.{name}.label"),
                _words_for(turn, f"{self.form}.{name}.words"),
            )
            for n, (name, _, _) in enumerate(lines)
        ]
        found = pick(target, items)
        return lines[int(found[0].value)][2] if len(found) == 1 else None

    def texts(self) -> tuple[str, ...]:
        return (self.key("ask"), self.key("after"))


def _words_for(turn: Any, key: str) -> tuple[str, ...]:
    """Other words for a line; a line needs none beside its label."""
    try:
        return tuple(turn.say(key).split())
    except KeyError:
        return ()
