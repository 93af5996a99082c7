"""The unit files: the service may write where its settings say that it keeps its data."""

from __future__ import annotations

import configparser
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from bot.cli import app
from config.settings import PREFIX, Settings

UNITS = sorted((Path(__file__).parents[1] / "deploy").glob("*.service"))


def service(unit: Path) -> dict[str, str]:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(unit, "utf-8")
    return dict(parser["Service"])


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_service_keeps_its_data_where_it_may_write(unit: Path) -> None:
    written = service(unit)
    assert written["ProtectSystem"] == "strict"
    name, _, folder = written["Environment"].partition("=")
    assert name.removeprefix(PREFIX).lower() in Settings.model_fields
    assert name == "SHEBAOKA_DATA_DIR"
    assert folder == f"/var/lib/{written['StateDirectory']}" == written["WorkingDirectory"]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_service_starts_a_command_that_there_is(unit: Path) -> None:
    program, command, *_ = shlex.split(service(unit)["ExecStart"])
    assert program.endswith("/shebaoka")
    assert command in get_command(app).commands  # type: ignore[attr-defined]


def test_the_site_and_the_worker_have_a_unit_each() -> None:
    assert [unit.stem for unit in UNITS] == ["shebaoka-web", "shebaoka-worker"]
