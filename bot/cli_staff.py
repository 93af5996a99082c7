"""The commands about staff and about the audit trail. Each is a thin call of `bot.commands`."""

from __future__ import annotations

from typing import Annotated

import typer

staff_app = typer.Typer(no_args_is_help=True, help="The people who work at the console.")
audit_app = typer.Typer(no_args_is_help=True, help="The audit trail.")


@staff_app.command("add")
def staff_add(
    login: str,
    name: Annotated[str, typer.Option(help="How colleagues know them.")],
    role: Annotated[
        list[str],
        typer.Option(
            help="reviewer, supervisor, clerk, push_editor, push_approver, content_editor, "
            "desk_agent, administrator or auditor; may be given several times."
        ),
    ],
    district: Annotated[
        list[str] | None, typer.Option(help="Code of a district they work for; none: all.")
    ] = None,
    branch: Annotated[str, typer.Option(help="A clerk's branch, by its code.")] = "",
) -> None:
    """Add somebody, and print their first password once."""
    from bot.commands.staff import add

    raise typer.Exit(add(login, name, role, district or [], branch))


@staff_app.command("list")
def staff_list() -> None:
    """Print everybody: login, roles, where, and whether they are set up."""
    from bot.commands.staff import show

    raise typer.Exit(show())


@staff_app.command("disable")
def staff_disable(login: str) -> None:
    """Sign somebody out and let them in no more."""
    from bot.commands.staff import take_out

    raise typer.Exit(take_out(login))


@staff_app.command("reset")
def staff_reset(login: str) -> None:
    """A new first password, printed once, and a new phone; let in again, whatever was locked."""
    from bot.commands.staff import begin_anew

    raise typer.Exit(begin_anew(login))


@staff_app.command("code")
def staff_code(login: str) -> None:
    """Print the present code of one of the demo's staff."""
    from bot.commands.staff import demo_code

    raise typer.Exit(demo_code(login))


@audit_app.command("verify")
def audit_verify(
    head: Annotated[
        str, typer.Option(help="A head that was told earlier: it must still stand in the chain.")
    ] = "",
) -> None:
    """Walk the audit trail's hash chain. Exit status 1, and the first broken row, if it is not
    whole."""
    from bot.commands.audit import verify_chain

    raise typer.Exit(verify_chain(head))
