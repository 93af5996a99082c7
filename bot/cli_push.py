"""The commands about pushes. Each is a thin call of `bot.commands.push` and `push_systems`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

push_app = typer.Typer(no_args_is_help=True, help="What staff and systems tell many people.")
systems_app = typer.Typer(no_args_is_help=True, help="Systems that push by the API.")
push_app.add_typer(systems_app, name="systems")

Reason = Annotated[str, typer.Option(help="Why; kept in the audit.")]


@systems_app.command("add")
def systems_add(name: str) -> None:
    """Print a key for a system, once: new, or in place of its last one."""
    from bot.commands.push_systems import add

    raise typer.Exit(add(name))


@systems_app.command("list")
def systems_list() -> None:
    """Print every system: name, since when it has its key, and whether that holds."""
    from bot.commands.push_systems import show

    raise typer.Exit(show())


@systems_app.command("revoke")
def systems_revoke(name: str) -> None:
    """Let a system push no more."""
    from bot.commands.push_systems import revoke

    raise typer.Exit(revoke(name))


@push_app.command("list")
def push_list(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="The latest so many.")] = 50,
    reminders: Annotated[
        bool, typer.Option("--reminders", help="Those that the clock makes, and no others.")
    ] = False,
) -> None:
    """Print campaigns, the latest first: number, stage, people, who wrote it, name."""
    from bot.commands.push import show_all

    raise typer.Exit(show_all(limit, reminders=reminders))


@push_app.command("show")
def push_show(number: int) -> None:
    """Print a campaign as JSON: stage, progress, outcomes by reason, what happened to it."""
    from bot.commands.push import show

    raise typer.Exit(show(number))


@push_app.command("forecast")
def push_forecast(number: int) -> None:
    """Print as JSON by which roads a campaign would reach how many now, and at what cost."""
    from bot.commands.push import foresee

    raise typer.Exit(foresee(number))


@push_app.command("pause")
def push_pause(number: int, reason: Reason) -> None:
    """Let nothing more of a campaign leave until it goes on."""
    from bot.commands.push import steer

    raise typer.Exit(steer(number, "pause", reason))


@push_app.command("resume")
def push_resume(number: int, reason: Reason) -> None:
    """Go on with a campaign, after a pause or a look."""
    from bot.commands.push import steer

    raise typer.Exit(steer(number, "resume", reason))


@push_app.command("stop")
def push_stop(number: int, reason: Reason) -> None:
    """End a campaign for good, at once."""
    from bot.commands.push import steer

    raise typer.Exit(steer(number, "stop", reason))


@push_app.command("create")
def push_create(
    template: Annotated[str, typer.Option(help="The name of a template that staff keep.")],
    by: Annotated[str, typer.Option(help="Whose it is: the login of a push_editor.")],
    name: Annotated[str, typer.Option(help="What the campaign is called.")] = "",
    version: Annotated[
        int | None, typer.Option(min=1, help="Of the template; else the latest.")
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option(
            exists=True, dir_okay=False, help="Acceptance numbers or phones: CSV or xlsx."
        ),
    ] = None,
    segment: Annotated[
        str, typer.Option(help='What its people have in common, as JSON: {"states": ["…"]}')
    ] = "",
    announcement: Annotated[
        bool, typer.Option("--announcement", help="Not a service: to who said yes.")
    ] = False,
    expires: Annotated[
        str, typer.Option(help="Its last moment: 2026-12-01T18:00 in the city; else in a week.")
    ] = "",
    cost_cap: Annotated[int, typer.Option(min=0, help="What its SMS may cost, in fen.")] = 0,
    propose: Annotated[
        bool, typer.Option("--propose", help="Lay it before a second person at once.")
    ] = False,
) -> None:
    """Write a draft, print its number, and the rows of a list that add nobody."""
    from bot.commands.push import Wanted, create

    wanted = Wanted(template, version, name, csv, segment, announcement, expires, cost_cap, propose)
    raise typer.Exit(create(wanted, by))
