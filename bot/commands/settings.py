"""The settings of a command: given by the environment, or those of the demo on this machine."""

from __future__ import annotations

import os
from typing import NoReturn

import typer
from rich.console import Console
from rich.markup import escape

from bot.demo.keys import FILE
from config.settings import Settings, SettingsFault, load_settings, unknown_names
from models.sealing import Keyring

WRONG = 2  # exit status when the settings cannot be used
errors = Console(stderr=True, highlight=False, soft_wrap=True)


def given_settings(*, warn: bool = True) -> Settings:
    """What the environment says. Prints all faults and exits when it cannot be used."""
    try:
        settings = load_settings()
    except SettingsFault as fault:
        stop(fault.faults)
    for sentence in unknown_names(os.environ) if warn else ():
        errors.print(f"[yellow]warning:[/] {sentence}", markup=True)
    return settings


def local_settings() -> Settings:
    """What the environment says, filled up from the demo's file in the data folder if it is there.

    So a command that looks at the demo's data needs no setting.
    """
    file = given_settings().data_dir / FILE
    try:
        return load_settings(file) if file.exists() else load_settings()
    except SettingsFault as fault:
        stop(fault.faults)


def keyring(settings: Settings) -> Keyring:
    """The keys that open the records. Exits with a sentence when there are none."""
    if not settings.data_keys or not settings.index_key:
        stop(["SHEBAOKA_DATA_KEYS and SHEBAOKA_INDEX_KEY are needed to open the records"])
    return Keyring(settings.data_keys, settings.index_key)


def stop(faults: list[str]) -> NoReturn:
    """Print every fault and exit."""
    for fault in faults:
        errors.print(f"[red]✗[/] {escape(fault)}", markup=True)
    raise typer.Exit(WRONG)
