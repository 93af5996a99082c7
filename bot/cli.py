"""The `shebaoka` command. Each command is a thin call of a module in `bot.commands`."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli_push import push_app
from bot.cli_staff import audit_app, staff_app

app = typer.Typer(
    help="社保卡: a chat backend that guides residents to a social security card.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
form_app = typer.Typer(no_args_is_help=True, help="The forms that people fill in.")
application_app = typer.Typer(no_args_is_help=True, help="Applications.")
db_app = typer.Typer(no_args_is_help=True, help="The database.")
keys_app = typer.Typer(no_args_is_help=True, help="The keys that seal personal data.")
handover_app = typer.Typer(
    no_args_is_help=True, help="What goes to the province and the banks, and what comes back."
)
menu_app = typer.Typer(no_args_is_help=True, help="The menu below the chat.")
app.add_typer(form_app, name="form")
app.add_typer(application_app, name="application")
app.add_typer(db_app, name="db")
app.add_typer(keys_app, name="keys")
app.add_typer(menu_app, name="menu")
app.add_typer(handover_app, name="handover")
app.add_typer(staff_app, name="staff")
app.add_typer(audit_app, name="audit")
app.add_typer(push_app, name="push")


@app.command()
def demo(
    parent: Annotated[
        int | None, typer.Option(hidden=True, help="End when this process is gone.")
    ] = None,
) -> None:
    """Run everything on this machine: Redis, the site, the worker and the simulator."""
    from bot.commands.demo import run

    raise typer.Exit(run(parent))


@app.command()
def serve(
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    threads: Annotated[int, typer.Option(min=2, help="Messages at once in each process.")] = 16,
) -> None:
    """Serve real residents. Refuses to start with missing settings or the demo's."""
    from bot.commands.serve import run

    raise typer.Exit(run(workers, threads))


@app.command()
def worker() -> None:
    """Run the background work: offices, notices, reading photos, housekeeping."""
    from bot.commands.worker import run

    raise typer.Exit(run())


@app.command()
def simulator() -> None:
    """Run a WeChat and the outside offices on this machine, for trials."""
    from bot.commands.simulator import run

    raise typer.Exit(run())


@app.command()
def chat(
    url: Annotated[str, typer.Option(help="Drive the simulator at this address.")] = "",
    user: Annotated[str, typer.Option(help="Whom to be: an openid.")] = "terminal",
    channel: Annotated[
        str, typer.Option(help="Where, of the simulator: wechat, wechat_mini or alipay.")
    ] = "",
) -> None:
    """Talk with the bot in this terminal."""
    from bot.commands.chat import run

    raise typer.Exit(run(url, user, channel))


@app.command()
def understand() -> None:
    """Read lines and print what each is understood as: intent<TAB>score."""
    from bot.commands.understand import run

    raise typer.Exit(run())


@app.command()
def doctor() -> None:
    """Check the settings and everything they point at."""
    from bot.commands.doctor import run

    raise typer.Exit(run())


@form_app.command("show")
def form_show(name: str) -> None:
    """Print a form's steps, sections, answers needed and longest message."""
    from bot.commands.forms import run

    raise typer.Exit(run(name))


@application_app.command("show")
def application_show(
    number: str,
    reason: Annotated[str, typer.Option(help="Why they must be seen; kept in the audit.")],
    purpose: Annotated[
        str, typer.Option(help="The same in a word, which the person is told: review, fault …")
    ] = "other",
) -> None:
    """Print all answers of an application as JSON. The look is audited, and told to the person."""
    from bot.commands.applications import run

    raise typer.Exit(run(number, reason, purpose))


@app.command()
def told(
    number: str,
    reason: Annotated[str, typer.Option(help="Why it must be seen; kept in the audit.")],
    purpose: Annotated[
        str, typer.Option(help="The same in a word, which the person is told: review, fault …")
    ] = "other",
) -> None:
    """Print what the accounts behind an application were told, as JSON. The look is audited."""
    from bot.commands.told import run

    raise typer.Exit(run(number, reason, purpose))


@db_app.command("upgrade")
def db_upgrade() -> None:
    """Bring the database's schema up to date."""
    from bot.commands.database import run

    raise typer.Exit(run())


@keys_app.command("rotate")
def keys_rotate() -> None:
    """Seal everything anew with the newest data key, while the service runs."""
    from bot.commands.keys import rotate_keys

    raise typer.Exit(rotate_keys())


@keys_app.command("retire")
def keys_retire(version: int) -> None:
    """Say whether a data key may be removed from the settings: refused while anything uses it."""
    from bot.commands.keys import retire_key

    raise typer.Exit(retire_key(version))


@keys_app.command("reindex")
def keys_reindex(
    old_key: Annotated[str, typer.Option(help="The index key until now, base64.", prompt=True)],
) -> None:
    """Find sealed numbers by the new index key. In a maintenance window: nothing else runs."""
    from bot.commands.keys import reindex_numbers

    raise typer.Exit(reindex_numbers(old_key))


@menu_app.command("publish")
def menu_publish(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
) -> None:
    """Show the menu of the city's profile below the chat, unless it is shown already."""
    from bot.commands.menu import run

    raise typer.Exit(run(dry_run))


@handover_app.command("status")
def handover_status() -> None:
    """Print what is where, since when, and what is stuck. Exit status 1 when something is."""
    from bot.commands.handover import status

    raise typer.Exit(status())


@handover_app.command("send")
def handover_send() -> None:
    """Cut and send what is due now, without waiting for the worker."""
    from bot.commands.handover import send

    raise typer.Exit(send())


@handover_app.command("fetch")
def handover_fetch() -> None:
    """Fetch and take the reply files that lie ready, without waiting for the worker."""
    from bot.commands.handover import fetch

    raise typer.Exit(fetch())


def main() -> None:
    """The entry point of the command."""
    app()


if __name__ == "__main__":
    main()
