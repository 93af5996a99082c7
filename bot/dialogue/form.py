"""A form: its sections and questions, and moving through them.

`Form` is the declaration, `Filling` one person's way through it. The engine is pure: everything
a question needs comes with the turn that its functions are handed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from bot.dialogue.messages import LATER, Asks, Later, Outcome, Position, Reply
from bot.dialogue.readings import Answer, Leave, Problem, Reading, Ready, Stay, Talk, Unclear
from bot.dialogue.state import Draft

TRIES = 3  # failures at one question after which a person is offered
When = Callable[[Any, Draft], bool]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One question. A subclass says how it is asked, read and shown; the engine does the rest.

    `fills` are the answers it gives (its own name when empty), `when` whether it is asked at all,
    `depends` the steps whose change makes its answer stale. `line` puts it on a line of the
    read-back: its own name, another step's (shown together there), or none at all with "".
    """

    name: str
    section: str
    form: str = ""  # set by the form: the prefix of the step's texts
    fills: tuple[str, ...] = ()
    when: When | None = None
    depends: tuple[str, ...] = ()
    line: str | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        return self.fills or (self.name,)

    def key(self, what: str) -> str:
        return f"{self.form}.{self.name}.{what}"

    def enter(self, turn: Any, draft: Draft) -> Later | None:
        """Called when the question opens; LATER when it must wait for a job before it can ask."""
        return None

    def ask(self, turn: Any, draft: Draft) -> Reply:
        return Reply(turn.say(self.key("ask")))

    def ask_again(self, turn: Any, draft: Draft) -> Reply:
        """The question reopened by 上一步 or 修改, its old answer kept; `Filling` adds the rest."""
        return self.ask(turn, draft)

    def read(self, turn: Any, draft: Draft) -> Reading:
        raise NotImplementedError(type(self).__name__)

    def show(self, turn: Any, draft: Draft) -> str:
        """The answer in words: in the read-back, after 上一步, to an officer."""
        return str(draft.answers.get(self.fields[0], ""))

    def asks(self, turn: Any, draft: Draft) -> Asks:
        """What sort of answer it waits for just now, where its message shows no options."""
        return "text"

    def old(self, turn: Any, draft: Draft) -> str:
        """The kept answer, as 上一步 names it."""
        return self.show(turn, draft)

    def ack(self, turn: Any, draft: Draft, changed: bool) -> str:
        """A sentence that takes the answer down, before the next question; often nothing."""
        return ""

    def retreat(self, turn: Any, draft: Draft) -> bool:
        """上一步 inside the question (from the code to the number). False: leave the question."""
        return False

    def valid(self, turn: Any, draft: Draft) -> bool:
        """Whether a carried-over answer still holds."""
        return all(name in draft.answers for name in self.fields)

    def lapsed(self, turn: Any, draft: Draft) -> dict[str, Any]:
        """What the question opens with (its own state) when its answer holds no longer."""
        return {}

    def texts(self) -> tuple[str, ...]:
        """The keys this question needs in every locale; checked at start."""
        return (self.key("ask"), self.key("label")) if self.line is None else (self.key("ask"),)

    def longest(self, say: Callable[[str], str]) -> Sequence[str]:
        """Its prompts filled with the longest values; `say` fills a key so. Checked at start."""
        return [say(self.key("ask"))]

    def longest_shown(self, say: Callable[[str], str]) -> Sequence[str]:
        """What its line of the read-back can hold at most; checked at start."""
        return [say(self.key("shown"))] if self.key("shown") in self.texts() else []

    def options_at_most(self) -> int:
        return 0


@dataclass(frozen=True)
class Form:
    """A declaration: what is asked, in which order, and what happens at the end."""

    name: str
    version: int
    sections: Sequence[str]
    steps: Sequence[Step]
    submit: Callable[[Any, Draft], Outcome]
    renames: Mapping[str, str] = field(default_factory=dict)  # old step or answer → its new name
    results: Mapping[str, Callable[[Any, Draft], Reading | None]] = field(default_factory=dict)
    """What a finished job means for the draft, by job name; None: nothing is said now."""
    changed: Callable[[Any, Draft, Step], None] | None = None
    """Called after an answer was taken down: to forget facts that followed from the old one."""
    entered: Callable[[Any, Draft, int], None] | None = None
    """Called when a section is entered, with its number from 1."""
    dropped: Callable[[Any, Draft], None] | None = None
    """Called when the draft is given up (取消): its records end in the same transaction."""
    texts: str = ""
    """The form whose texts its questions have, where it asks another form's questions again."""
    lead: Callable[[Any, Draft, Step], str] | None = None
    """What is said before a question when it opens, "" for nothing."""
    numbered: bool = True
    """Whether it says which of how many sections a question is in."""

    _by_name: dict[str, Step] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for step in self.steps:
            object.__setattr__(step, "form", self.prefix)
        object.__setattr__(self, "_by_name", {step.name: step for step in self.steps})

    @property
    def prefix(self) -> str:
        """What the keys of its texts begin with."""
        return self.texts or self.name

    def step(self, name: str) -> Step:
        return self._by_name[name]

    def has(self, name: str) -> bool:
        return name in self._by_name

    def lines(self) -> list[tuple[str, list[Step]]]:
        """The read-back: line names in order, each with the steps shown on it."""
        found: dict[str, list[Step]] = {}
        for step in self.steps:
            name = step.name if step.line is None else step.line
            if name:
                found.setdefault(name, []).append(step)
        return list(found.items())


class Filling:
    """One person's draft of one form, in one turn."""

    def __init__(self, form: Form, turn: Talk, draft: Draft) -> None:
        self.form, self.turn, self.draft = form, turn, draft

    # --- where we are -------------------------------------------------------------------

    @property
    def step(self) -> Step:
        return self.form.step(self.draft.step)

    def applies(self, step: Step) -> bool:
        return step.when is None or step.when(self.turn, self.draft)

    def next_step(self) -> Step | None:
        """The first question that applies and has no answer yet."""
        done = set(self.draft.done)
        return next((s for s in self.form.steps if s.name not in done and self.applies(s)), None)

    def position(self, step: Step) -> Position:
        """The section of a question, and which of how many it is."""
        sections = list(self.form.sections)
        title = self.turn.say(f"{self.form.prefix}.section.{step.section}")
        return Position(step.section, title, sections.index(step.section) + 1, len(sections))

    def header(self, step: Step) -> str:
        """第2步/共6步 身份证"""
        at = self.position(step)
        return self.turn.say("form.header", n=at.n, of=at.of, title=at.title)

    # --- asking -------------------------------------------------------------------------

    def start(self, before: str = "") -> Outcome:
        return self._open_next(before, left=None)

    def ask(self, before: str = "", header: bool = False) -> Reply:
        """The open question in words, with what precedes it."""
        reply = self.step.ask(self.turn, self.draft)
        if self.step.name in self.draft.kept and not self.draft.inner:
            reply = self._reopened()
        if header and self.form.numbered:
            reply = reply.preceded_by(self.header(self.step))
        return self._footed(reply.preceded_by(before))

    def resume(self) -> Reply:
        return self.ask(self.turn.say("form.resumed"), header=True)

    def _footed(self, reply: Reply) -> Reply:
        return replace(
            reply,
            footer=self.turn.say("footer"),
            position=self.position(self.step) if self.form.numbered else None,
            asks="choice" if reply.options else self.step.asks(self.turn, self.draft),
        )

    def _reopened(self) -> Reply:
        step, at = self.step, self.position(self.step)
        key = "form.back" if step.options_at_most() else "form.back_text"
        key = key if self.form.numbered else f"{key}_bare"
        old = step.old(self.turn, self.draft)
        back = self.turn.say(key, n=at.n, title=at.title, old=old)
        return step.ask_again(self.turn, self.draft).preceded_by(back)

    # --- answering ----------------------------------------------------------------------

    def read(self) -> Reading:
        """What the open question makes of the update. Photos and the like may be no answer.

        Where something else may have been meant, the question's state changes only in `take`.
        """
        before = deepcopy(self.draft.inner)
        reading = self.step.read(self.turn, self.draft)
        if isinstance(reading, Problem) or (isinstance(reading, Stay) and not reading.sure):
            reading = replace(reading, inner=self.draft.inner)
            self.draft.inner = before
        return reading

    def take(self, reading: Reading) -> Outcome:
        """Carry out a reading: go on, stay, or say what is wrong."""
        if isinstance(reading, Problem | Stay) and reading.inner is not None:
            self.draft.inner = reading.inner
        match reading:
            case Answer():
                return self.accept(reading)
            case Problem(text=text):
                return self.fail(text)
            case Stay(reply=reply):
                self.draft.tries = 0
                return self._footed(reply) if reply else None
            case Leave(reply=reply):
                self.turn.session.talk = ""
                return reply
            case Ready():
                return self._ask_now()
            case Later():
                return LATER
            case Unclear():
                return self.fail(self.turn.say("form.not_understood"))

    def accept(self, answer: Answer) -> Outcome:
        """Take an answer down and open the next question, or submit."""
        draft, step = self.draft, self.step
        reopened = step.name in draft.kept
        changed = reopened and any(
            draft.answers.get(name) != answer.values[name] for name in answer.values
        )
        draft.answers.update(answer.values)
        if reopened:
            draft.kept.remove(step.name)
        draft.done.append(step.name)
        if self.form.changed:
            self.form.changed(self.turn, draft, step)
        if changed or not reopened:  # what another way of answering led to is stale as well
            self._forget_dependents(step)
        said = answer.said or step.ack(self.turn, draft, changed)
        return self._open_next(said, left=step)

    def fail(self, text: str) -> Reply:
        """Say what is wrong; from the third failure on, offer a person."""
        self.draft.tries += 1
        if self.draft.tries >= TRIES:
            text = f"{text}\n{self.turn.say('form.third_failure')}"
        return self._footed(Reply(text))

    def _open_next(self, said: str, left: Step | None) -> Outcome:
        step = self.next_step()
        if step is None:
            return self.form.submit(self.turn, self.draft)
        self.draft.step, self.draft.inner, self.draft.tries = step.name, {}, 0
        if self.form.lead and (lead := self.form.lead(self.turn, self.draft, step)):
            said = f"{said}\n{lead}" if said else lead
        header = left is None or left.section != step.section
        if header and left and self.form.entered:
            section = list(self.form.sections).index(step.section) + 1
            self.form.entered(self.turn, self.draft, section)
        if step.enter(self.turn, self.draft):
            self.draft.facts["held"] = [said, header, self.turn.update.id]
            return LATER
        return self.ask(said, header=header)

    def _ask_now(self) -> Reply:
        """The question that had to wait, with all that was to stand before it."""
        said, header, _ = self.draft.facts.pop("held", ["", True, ""])
        return self.ask(said, header=header)

    def _forget_dependents(self, step: Step) -> None:
        """Also of a question that stands reopened: its old answer must not be kept."""
        for other in self.form.steps:
            for names in (self.draft.done, self.draft.kept):
                if step.name in other.depends and other.name in names:
                    names.remove(other.name)
                    for name in other.fields:
                        self.draft.answers.pop(name, None)
                    self._forget_dependents(other)

    # --- moving -------------------------------------------------------------------------

    def back(self) -> Reply | None:
        """One question back; None at the first, where the person leaves for the menu."""
        if self.step.retreat(self.turn, self.draft):
            return self.ask()
        while self.draft.done:
            name = self.draft.done.pop()
            if self.applies(self.form.step(name)):
                return self._reopen(name)
        return None

    def edit(self, name: str) -> Reply:
        """Open one answered question again; the others stay answered."""
        if name in self.draft.done:
            self.draft.done.remove(name)
            return self._reopen(name)
        return self.ask()

    def keep(self) -> Outcome:
        """保留: the reopened question keeps its answer."""
        name = self.draft.step
        if name not in self.draft.kept:
            return self.ask(self.turn.say("form.nothing_to_keep"))
        left = self.step
        self.draft.kept.remove(name)
        self.draft.done.append(name)
        return self._open_next(self.turn.say("form.kept"), left)

    def _reopen(self, name: str) -> Reply:
        if name not in self.draft.kept:
            self.draft.kept.append(name)
        self.draft.step, self.draft.inner, self.draft.tries = name, {}, 0
        return self.ask()

    # --- background ---------------------------------------------------------------------

    def result(self) -> Outcome:
        """A job of this draft reports. Where the rule is silent who waits, waits on (LATER); where
        it stays at the question without a word, nobody waits any more."""
        rule = self.form.results.get(self.turn.update.key)
        reading = rule(self.turn, self.draft) if rule else None
        if reading is None:
            return LATER
        return None if reading == Stay(None) else self.take(reading)


def migrate(form: Form, turn: Talk, draft: Draft) -> bool:
    """Carry a draft over: the renames of another version; then whatever no longer holds (a branch
    that has closed, too) is asked again.

    Returns whether anything had to change. The open question becomes the first unanswered one.
    """
    if draft.version == form.version and form.has(draft.step):
        return _forget_stale(form, turn, draft)
    renamed = form.renames
    draft.answers = {renamed.get(k, k): v for k, v in draft.answers.items()}
    done = [renamed.get(name, name) for name in draft.done]
    draft.done = [n for n in done if form.has(n) and form.step(n).valid(turn, draft)]
    draft.kept, draft.inner, draft.tries = [], {}, 0
    draft.version = form.version
    known = {field for step in form.steps for field in step.fields}
    draft.answers = {k: v for k, v in draft.answers.items() if k in known}
    following = Filling(form, turn, draft).next_step()
    draft.step = following.name if following else form.steps[-1].name
    return True


def _forget_stale(form: Form, turn: Talk, draft: Draft) -> bool:
    stale = [name for name in draft.done if not form.step(name).valid(turn, draft)]
    if not stale:
        return False
    draft.done = [name for name in draft.done if name not in stale]
    opens = {name: form.step(name).lapsed(turn, draft) for name in stale}
    for name in stale:
        for field_name in form.step(name).fields:
            draft.answers.pop(field_name, None)
    draft.tries = 0
    following = Filling(form, turn, draft).next_step()
    draft.step = following.name if following else form.steps[-1].name
    draft.inner = opens.get(draft.step, {})
    return True
