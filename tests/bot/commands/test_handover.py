"""`shebaoka handover`, and the doctor's look at it."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.handover.checkup import handover
from config.settings import Settings, production_faults
from models.applications import Application
from models.database import Database
from tests.bot.commands.given import NOWHERE, give
from tests.bot.handover.rig import handing_over
from tests.models.handover.making import CITY, approved, cut
from tests.rig import OFFICE_KEY
from tests.rig_making import making_settings


def run(*command: str) -> Result:
    return CliRunner().invoke(app, ["handover", *command], env={"COLUMNS": "200"})


def made(folder: Path) -> Database:
    database = Database(f"sqlite:///{folder / 'shebaoka.db'}")
    database.upgrade()
    return database


def test_status_tells_what_is_stuck_and_ends_with_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    give(monkeypatch, tmp_path)
    database = made(tmp_path)
    quiet = run("status")
    assert (quiet.exit_code, "nothing is stuck" in quiet.output) == (0, True)
    with database.writing() as records:
        bad = approved(records, answers={"name": "陈\x00强"})
        good = approved(records)
        batch = cut(records)
        assert batch is not None
        batch.state, batch.fault = "refused", "manifest"
    told = run("status")
    assert told.exit_code == 1
    for word in ("SENT_TO_PROVINCE", batch.id, "refused manifest", "2 stuck", bad.number):
        assert word in told.output, word
    assert "陈" not in told.output and good.number not in told.output
    database.dispose()


def test_send_and_fetch_do_the_workers_work(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    database = made(tmp_path)
    with handing_over(tmp_path, database) as rig:
        profile = tmp_path / "city.toml"
        shipped = (Path("config") / "city.toml").read_text("utf-8")
        profile.write_text(shipped.replace('mode = "batch"', 'mode = "online"'), "utf-8")
        keys = {name.upper(): value for name, value in making_settings(rig.simulator).items()}
        give(
            monkeypatch,
            tmp_path,
            CITY=str(profile),
            OFFICE_KEY=OFFICE_KEY,
            CARD_MAKING_URL=f"{rig.simulator}/offices/card_making",
            **keys,
        )
        with database.writing() as records:
            one = approved(records).id
        assert run("send").exit_code == 0
        assert run("fetch").exit_code == 0
        with database.reading() as records:
            application = records.get(Application, one)
        assert application is not None
        assert application.state == "PROVINCE_CHECKING"
    database.dispose()


def test_without_keys_there_is_nobody_to_hand_over_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    give(monkeypatch, tmp_path)
    made(tmp_path).dispose()
    assert run("send").exit_code == 2
    assert run("fetch").exit_code == 2


def test_the_doctor_asks_at_each_destination(tmp_path: Path, sqlite_database: Database) -> None:
    with handing_over(tmp_path, sqlite_database) as rig:
        well = [f.level for f in handover(rig.settings, rig.city.handover)]
        away = rig.settings.model_copy(update={"bank_url": NOWHERE})
        told = {f.told: f.level for f in handover(away, rig.city.handover)}
    assert well == ["ok", "ok"]
    assert told["hand-over: the bank does not answer: unreachable"] == "fault"


def test_the_doctor_names_what_is_missing() -> None:
    findings = list(handover(Settings(), CITY.handover))
    assert [finding.level for finding in findings] == ["warning", "warning"]
    assert "SHEBAOKA_PROVINCE_KEY" in findings[0].remedy


def test_half_a_hand_over_is_refused_in_production() -> None:
    key = b64encode(b"k" * 32).decode()
    faults = production_faults(Settings(bank_key=key))  # type: ignore[arg-type]
    assert "SHEBAOKA_BANK_URL: missing, while its key is set" in faults
    assert "SHEBAOKA_BANK_PUBLIC_KEY: missing, while SHEBAOKA_BANK_KEY is set" in faults
