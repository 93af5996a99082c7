"""The demo's staff, one for each role: passwords and phone secrets drawn once per data folder.

They lie in a file beside `demo.env`, for our eyes only, so that whoever tries the demo can look at
the console at once: `shebaoka staff code reviewer` is the phone.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import uuid4

from pyotp import random_base32
from sqlalchemy import select

from bot.console.words import ROLE_NAMES
from config.city import City
from models.audit import audit
from models.database import Database
from models.passwords import drawn_password, hashed
from models.records import place
from models.sealing import Keyring
from models.staff import Role, Staff

FILE = "demo-staff.toml"
LOGINS: Mapping[str, tuple[str, Role]] = {
    **{role.value.replace("_", "-"): (f"演示{ROLE_NAMES[role]}", role) for role in Role},
    "reviewer-2": ("演示审核员乙", Role.REVIEWER),  # who refuses needs somebody else
}


@dataclass(frozen=True, slots=True)
class DemoStaff:
    """With what one of them signs in."""

    password: str
    secret: str


def read_staff(folder: Path) -> dict[str, DemoStaff]:
    """What was drawn for this data folder, by login; nothing where it is no demo's."""
    if not (folder / FILE).exists():
        return {}
    return {login: DemoStaff(**drawn) for login, drawn in _read(folder).items()}


def keep_demo_staff(
    folder: Path, database: Database, keys: Keyring, city: City, now: datetime
) -> None:
    """See that all of them are in the file and in the records. Bears being done again."""
    known = read_staff(folder)
    if LOGINS.keys() - known.keys():
        for login in LOGINS:
            known.setdefault(login, DemoStaff(drawn_password(), random_base32()))
        _write(folder, known)
    with database.reading() as records:
        there = set(records.scalars(select(Staff.login).where(Staff.login.in_(LOGINS))))
    missing = [login for login in LOGINS if login not in there]
    for login in missing:
        staff = _made(login, known[login], keys, city, now)
        with database.writing() as records:
            records.add(staff)
            audit(records, actor="cli:demo", act="staff.add", subject=staff.by, reason="演示",
                  now=now, detail={"roles": staff.roles})  # fmt: skip


def _made(login: str, drawn: DemoStaff, keys: Keyring, city: City, now: datetime) -> Staff:
    staff_id, (name, role) = uuid4().hex, LOGINS[login]
    where = place("staff", "totp_secret", staff_id)
    return Staff(
        id=staff_id,
        login=login,
        name=name,
        roles=[role.value],
        districts=[],
        branch=city.branches[0].code if role is Role.CLERK else "",
        password_hash=hashed(drawn.password),
        totp_secret=keys.seal(drawn.secret.encode(), where),
        totp_ready=True,
        created_at=now,
    )


def _read(folder: Path) -> dict[str, dict[str, str]]:
    return tomllib.loads((folder / FILE).read_text("utf-8"))


def _write(folder: Path, known: Mapping[str, DemoStaff]) -> None:
    lines = ["# The demo's staff at /console. Their phones: shebaoka staff code LOGIN"]
    for login, drawn in known.items():
        lines += ["", f"[{login}]", f'password = "{drawn.password}"', f'secret = "{drawn.secret}"']
    draft = folder / f".{FILE}.new"
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as page:
        page.write("\n".join(lines) + "\n")
    draft.replace(folder / FILE)
