"""`shebaoka doctor`: whether everything this service stands on is there, and what to do if not."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.util import find_spec

from rich.console import Console
from rich.markup import escape

from bot.assembly import Assembly, real_sources
from bot.commands.settings import local_settings
from bot.doctor.findings import Check, Finding, examine
from bot.upkeep import service_checks
from config.settings import Settings, production_faults

MARKS = {"ok": "[green]✓[/]", "warning": "[yellow]![/]", "fault": "[red]✗[/]"}


def run() -> int:
    """Print a line for everything checked. Exit status 1 when something does not work."""
    settings = local_settings()
    console = Console(highlight=False, soft_wrap=True)
    faults = 0
    for check in _checks(settings):
        for finding in examine([check]):
            faults += finding.level == "fault"
            console.print(MARKS[finding.level], escape(finding.told))
            if finding.remedy:
                console.print(f"    [dim]{escape(finding.remedy)}[/]")
    return 1 if faults else 0


def _checks(settings: Settings) -> list[Check]:
    """What this machine holds, then what the service stands on."""
    return [
        Check("python", python),
        Check("content", lambda: content(settings)),
        *service_checks(Assembly(settings, real_sources())),
        Check("reader", reader),
        Check("production", lambda: production(settings)),
    ]


def python() -> Iterator[Finding]:
    """The interpreter."""
    yield Finding("ok", f"Python {sys.version.split()[0]}")


def content(settings: Settings) -> Iterator[Finding]:
    """The city's profile, its texts, its FAQ and the forms fit each other."""
    from bot.commands.content import examine as examined

    for part in examined(settings):
        for fault in part.faults:
            yield Finding("fault", fault)
        if not part.faults:
            yield Finding("ok", part.found)


def reader() -> Iterator[Finding]:
    """The extra that reads ID photos."""
    if find_spec("rapidocr"):
        yield Finding("ok", "ID photos are read on this machine")
    else:
        told = "extra `ocr` is not installed: people type what their ID card says"
        yield Finding("warning", told)


def production(settings: Settings) -> Iterator[Finding]:
    """What `serve` would refuse. No fault of a machine that only runs the demo."""
    for fault in production_faults(settings):
        yield Finding("warning", f"serve would refuse: {fault}")
