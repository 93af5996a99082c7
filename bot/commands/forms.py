"""`shebaoka form show`: a form as its author wants to see it."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from bot.commands.settings import local_settings, stop
from bot.dialogue.form import Form, Step


def run(name: str) -> int:
    """Print the form's steps by section, the answers it needs and its longest message."""
    from bot.app import forms, longest_message

    known = forms(local_settings())
    if name not in known:
        stop([f"no form {name}; there are: {', '.join(known)}"])
    form = known[name]
    console = Console(highlight=False, soft_wrap=True)
    console.print(_steps(form))
    needed = sorted({field for step in form.steps for field in step.fields})
    console.print(f"{len(form.sections)} sections, {len(form.steps)} steps, version {form.version}")
    console.print(f"answers needed ({len(needed)}): {' '.join(needed)}")
    step, text = longest_message(form, local_settings())
    console.print(f"longest message ({len(text)} characters, at {step}):\n{text}", markup=False)
    return 0


def _steps(form: Form) -> Table:
    table = Table("section", "step", "kind", "fills", "asked", title=f"form {form.name}")
    for step in form.steps:
        table.add_row(
            step.section, step.name, type(step).__name__, " ".join(step.fields), _asked(step)
        )
    return table


def _asked(step: Step) -> str:
    return "always" if step.when is None else f"when {getattr(step.when, '__name__', 'it applies')}"
