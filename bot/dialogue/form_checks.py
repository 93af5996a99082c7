"""What a form must keep, checked at start: better no service than a question with no way out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from bot.dialogue.checks import ReadBack
from bot.dialogue.form import Form, Step
from bot.dialogue.steps import Choice

MOST_CHARACTERS = {"zh_CN": 300, "en": 700}
MOST_OPTIONS = 5


class FormFault(Exception):
    """A form cannot be used. `faults` says why, one line each."""

    def __init__(self, form: str, faults: list[str]) -> None:
        super().__init__("\n".join([f"form {form} has {len(faults)} fault(s):", *faults]))
        self.faults = faults


class Wording(Protocol):
    """The texts, as far as the check needs them (see `config.locales.Texts`)."""

    def say(self, locale: str, key: str, **values: object) -> str: ...
    def has(self, key: str) -> bool: ...
    def placeholders(self, locale: str, key: str) -> frozenset[str]: ...


def check_form(form: Form, texts: Wording, longest: Mapping[str, Mapping[str, str]]) -> None:
    """Raise `FormFault` with every fault. `longest` gives the longest value of each placeholder,
    by locale; a placeholder that is not in it is a fault too."""
    faults = [*_structure(form), *_dependencies(form), *_texts(form, texts)]
    if not faults:
        faults = [*_lengths(form, texts, longest)]
    if faults:
        raise FormFault(form.name, faults)


def _structure(form: Form) -> Iterator[str]:
    names = [step.name for step in form.steps]
    for name in sorted({n for n in names if names.count(n) > 1}):
        yield f"{name}: two steps of this name"
    for step in form.steps:
        if step.section not in form.sections:
            yield f"{step.name}: no section {step.section}"
        if isinstance(step, Choice) and not callable(step.options) and not step.options:
            yield f"{step.name}: a choice with nothing to choose has no way out"
        if step.options_at_most() > MOST_OPTIONS:
            yield f"{step.name}: more than {MOST_OPTIONS} options"
    order = [form.sections.index(s.section) for s in form.steps if s.section in form.sections]
    if order != sorted(order):
        yield "the steps do not follow the order of the sections"
    for section in form.sections:
        if section not in {step.section for step in form.steps}:
            yield f"section {section}: no step"
    ends = [n for n, step in enumerate(form.steps) if isinstance(step, ReadBack)]
    if ends and ends != [len(form.steps) - 1]:
        yield "the read-back must be the one last step: what follows it cannot be reached"
    yield from _twice_filled(form)
    known = {*names, *(name for step in form.steps for name in step.fields)}
    for old, new in form.renames.items():
        if new not in known:
            yield f"{old}: renamed to {new}, which is neither a step nor an answer"


def _twice_filled(form: Form) -> Iterator[str]:
    """Two steps may fill one answer only where conditions decide between them."""
    filled: dict[str, Step] = {}
    for step in form.steps:
        for name in step.fields:
            other = filled.setdefault(name, step)
            if other is not step and (other.when is None or step.when is None):
                yield f"{step.name}: cannot be reached for {name}, which {other.name} always fills"


def _dependencies(form: Form) -> Iterator[str]:
    seen: set[str] = set()
    for step in form.steps:
        for other in step.depends:
            if other not in {s.name for s in form.steps}:
                yield f"{step.name}: depends on an unknown step {other}"
            elif other not in seen:
                yield f"{step.name}: depends on {other}, which comes later"
        seen.add(step.name)


def _texts(form: Form, texts: Wording) -> Iterator[str]:
    wanted = {f"{form.prefix}.section.{section}" for section in form.sections}
    for step in form.steps:
        wanted.update(step.texts())
    for line, _ in form.lines():
        if line not in {s.name for s in form.steps if isinstance(s, ReadBack)}:
            wanted.add(f"{form.prefix}.{line}.label")
    for key in sorted(wanted):
        if not texts.has(key):
            yield f"no text {key}"


def _lengths(form: Form, texts: Wording, longest: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    for locale, most in MOST_CHARACTERS.items():
        for step in form.steps:
            try:
                length = max(
                    (len(text) for text in _prompts(form, step, texts, locale, longest)), default=0
                )
            except KeyError as missing:
                yield f"{step.name}: nobody gives {missing} in {locale}"
                continue
            if length > most:
                yield f"{step.name}: a prompt of {length} characters in {locale}, {most} at most"


def _prompts(
    form: Form, step: Step, texts: Wording, locale: str, longest: Mapping[str, Mapping[str, str]]
) -> Iterator[str]:
    def say(key: str) -> str:
        values = {name: longest[locale][name] for name in texts.placeholders(locale, key)}
        return texts.say(locale, key, **values)

    if isinstance(step, ReadBack):
        yield _read_back(form, step, say)
        return
    for prompt in step.longest(say):
        yield f"{prompt}\n{say('footer')}"


def _read_back(form: Form, step: ReadBack, say: Any) -> str:
    """Every line at its longest."""
    lines = [say(step.key("ask"))]
    for name, steps in form.lines():
        shown = max((text for s in steps for text in s.longest_shown(say)), key=len, default="")
        lines.append(f"{say(f'{form.prefix}.{name}.label')}：{shown}")
    return "\n".join([*lines, say(step.key("after")), say("footer")])


def longest_prompt(
    form: Form, texts: Wording, locale: str, longest: Mapping[str, Mapping[str, str]]
) -> tuple[str, str]:
    """The step with the longest prompt of a locale, and that prompt."""
    found = [
        (step.name, prompt)
        for step in form.steps
        for prompt in _prompts(form, step, texts, locale, longest)
    ]
    return max(found, key=lambda item: len(item[1]))
