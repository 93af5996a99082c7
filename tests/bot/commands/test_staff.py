"""`shebaoka staff` and `shebaoka audit verify`, as they are typed."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.demo.staff import FILE, LOGINS, keep_demo_staff, read_staff
from config.city import load_city
from models.database import Database
from models.passwords import fits, is_outdated
from models.second_factors import secret_of, take_code
from models.staff import find_staff
from tests.bot.commands.given import give
from tests.models.making import KEYS

pytestmark = pytest.mark.usefixtures("quick_hashes")


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    give(monkeypatch, tmp_path)
    assert typed("db", "upgrade").exit_code == 0


def typed(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def add(login: str, role: str, *other: str) -> Result:
    return typed("staff", "add", login, "--name", "李工", "--role", role, *other)


def of(folder: Path) -> Database:
    return Database(f"sqlite:///{folder / 'shebaoka.db'}")


def test_somebody_is_added_and_their_password_printed_once(tmp_path: Path) -> None:
    added = add("li.gong", "administrator")
    password = added.stdout.strip()
    with of(tmp_path).reading() as records:
        staff = find_staff(records, "li.gong")
    assert staff and fits(password, staff.password_hash)
    assert staff.must_change_password(datetime.now(UTC))
    listed = typed("staff", "list").stdout
    assert "li.gong\t李工\tadministrator\t-\tactive\tno phone yet" in listed
    assert password not in listed


def test_a_clerk_needs_a_branch() -> None:
    refused = add("wang", "clerk")
    assert refused.exit_code == 2 and "网点" in refused.stderr
    branch = load_city(None).branches[0].code
    assert add("wang", "clerk", "--branch", branch).exit_code == 0


def test_a_reset_makes_another_password_and_the_last_administrator_stays() -> None:
    first = add("li.gong", "administrator").stdout
    assert typed("staff", "reset", "li.gong").stdout not in ("", first)
    refused = typed("staff", "disable", "li.gong")
    assert refused.exit_code == 2 and "最后一个" in refused.stderr
    add("second", "administrator")
    assert typed("staff", "disable", "li.gong").exit_code == 0
    assert typed("staff", "disable", "nobody").exit_code == 2


def test_a_whole_chain_is_said_to_be_whole_and_a_broken_one_where_it_breaks(
    tmp_path: Path,
) -> None:
    for login in ("first", "second"):
        add(login, "administrator")
    whole = typed("audit", "verify")
    assert whole.exit_code == 0 and whole.stdout.startswith("2 links are whole; head sha256:")
    head = whole.stdout.split()[-1]
    assert typed("audit", "verify", "--head", head).exit_code == 0
    assert typed("audit", "verify", "--head", "sha256:0").exit_code == 1
    with of(tmp_path).engine.begin() as connection:
        connection.execute(text("DROP TRIGGER audit_events_no_update"))
        connection.execute(text("UPDATE audit_events SET actor = 'cli:other' WHERE id = 2"))
    broken = typed("audit", "verify")
    assert broken.exit_code == 1 and "link 2: row 2 was changed" in broken.stderr


def test_the_demos_staff_can_sign_in_and_the_command_is_their_phone(tmp_path: Path) -> None:
    database, city = of(tmp_path), load_city(None)
    for _ in range(2):
        keep_demo_staff(tmp_path, database, KEYS, city, datetime.now(UTC))
    assert os.stat(tmp_path / FILE).st_mode & 0o777 == 0o600
    known = read_staff(tmp_path)
    assert list(known) == list(LOGINS)
    code = typed("staff", "code", "reviewer").stdout.strip()
    with database.writing() as records:
        staff = find_staff(records, "reviewer")
        assert staff and fits(known["reviewer"].password, staff.password_hash)
        assert is_outdated(staff.password_hash)  # hashed as everybody's at the first sign-in
        assert take_code(records, KEYS, staff, code, datetime.now(UTC))
    database.dispose()


def test_where_the_demos_file_was_lost_the_new_one_opens_the_console(tmp_path: Path) -> None:
    database, city, now = of(tmp_path), load_city(None), datetime.now(UTC)
    keep_demo_staff(tmp_path, database, KEYS, city, now)
    (tmp_path / FILE).unlink()
    keep_demo_staff(tmp_path, database, KEYS, city, now)
    known = read_staff(tmp_path)
    with database.reading() as records:
        staff = find_staff(records, "auditor")
        assert staff and fits(known["auditor"].password, staff.password_hash)
        assert secret_of(staff, KEYS) == known["auditor"].secret
    database.dispose()


def test_there_are_no_codes_outside_the_demo() -> None:
    assert typed("staff", "code", "reviewer").exit_code == 2
