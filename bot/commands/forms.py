"""`shebaoka form show`: a form as its author wants to see it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.app import forms, longest_message
from bot.commands.content import content_faults
from bot.commands.settings import local_settings, stop
from bot.dialogue.form import Form, Step
from bot.dialogue.form_checks import MOST_CHARACTERS
from config.city import City, load_city
from config.settings import Settings

ALWAYS, NEVER = "always", "never in this city"


def run(name: str) -> int:
    """Print the form's steps by section, the answers it needs and its longest messages."""
    settings = local_settings()
    known = forms(settings)
    if name not in known:
        stop([f"no form {name}; there are: {', '.join(known)}"])
    if faults := content_faults(settings):
        stop(faults)
    form = known[name]
    asked = {step.name: _asked(step, load_city(settings.city)) for step in form.steps}
    console = Console(highlight=False, soft_wrap=True)
    console.print(_steps(form, asked))
    console.print(f"{len(form.sections)} sections, {len(form.steps)} steps, version {form.version}")
    for line in (*_needed(form, asked), *_longest(form, settings)):
        console.print(line, markup=False)
    return 0


def _steps(form: Form, asked: dict[str, str]) -> Table:
    table = Table("section", "step", "kind", "fills", "asked", title=f"form {form.name}")
    for step in form.steps:
        kind, fills = type(step).__name__, " ".join(step.fields)
        table.add_row(step.section, step.name, kind, fills, asked[step.name])
    return table


def _needed(form: Form, asked: dict[str, str]) -> list[str]:
    """The answers everybody gives, and those that depend; what this city never asks is neither."""
    always: list[str] = []
    only: dict[str, list[str]] = {}
    for step in form.steps:
        for name in step.fields if asked[step.name] != NEVER else ():
            if asked[step.name] == ALWAYS:
                always.append(name)
            else:
                only.setdefault(name, []).append(asked[step.name])
    return [
        f"answers needed ({len(always)}): {' '.join(sorted(always))}",
        *(f"only {' or '.join(whens)}: {name}" for name, whens in sorted(only.items())),
    ]


def _asked(step: Step, city: City) -> str:
    """When the step is asked. A condition that looks at nothing but the city is decided here."""
    if step.when is None:
        return ALWAYS
    turn: Any = SimpleNamespace(city=city)
    draft: Any = SimpleNamespace()
    try:
        return ALWAYS if step.when(turn, draft) else NEVER
    except AttributeError:  # it looked at the person or the draft
        return f"when {getattr(step.when, '__name__', 'it applies')}"


def _longest(form: Form, settings: Settings) -> list[str]:
    found = []
    for locale, most in MOST_CHARACTERS.items():
        step, text = longest_message(form, settings, locale)
        found.append(f"longest message in {locale} ({len(text)} of {most} characters, at {step}):")
        found.append(text)
    return found
