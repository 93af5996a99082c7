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

from argon2 import PasswordHasher
from pyotp import random_base32
from sqlalchemy import select

from bot.console.words import ROLE_NAMES
from config.city import City
from models.audit import audit
from models.database import Database
from models.passwords import drawn_password
from models.records import place
from models.sealing import Keyring
from models.staff import Role, Staff

FILE = "demo-staff.toml"
LOGINS: Mapping[str, tuple[str, Role]] = {
    **{role.value.replace("_", "-"): (f"演示{ROLE_NAMES[role]}", role) for role in Role},
    # Who refuses, and who changes what residents are told, needs somebody else.
    "reviewer-2": ("演示审核员乙", Role.REVIEWER),
    "content-editor-2": ("演示内容编辑乙", Role.CONTENT_EDITOR),
}
_QUICK = PasswordHasher(time_cost=1, memory_cost=1024)
"""Nobody guesses what was drawn, slow or fast, and a dozen slow ones keep the site waiting. At
the first sign-in it is kept as everybody's."""


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
    drawn = [login for login in LOGINS if login not in known]
    if drawn:
        known |= {login: DemoStaff(drawn_password(), random_base32()) for login in drawn}
        _write(folder, known)
    with database.reading() as records:
        there = set(records.scalars(select(Staff.login).where(Staff.login.in_(LOGINS))))
    for login in there.intersection(drawn):  # the file was lost: its new secrets hold
        with database.writing() as records:
            staff = records.scalars(select(Staff).where(Staff.login == login)).one()
            _give(staff, known[login], keys)
    for login in [login for login in LOGINS if login not in there]:
        staff = _made(login, known[login], keys, city, now)
        with database.writing() as records:
            records.add(staff)
            audit(records, actor="cli:demo", act="staff.add", subject=staff.by, reason="演示",
                  now=now, detail={"roles": staff.roles})  # fmt: skip


def _made(login: str, drawn: DemoStaff, keys: Keyring, city: City, now: datetime) -> Staff:
    name, role = LOGINS[login]
    staff = Staff(
        id=uuid4().hex,
        login=login,
        name=name,
        roles=[role.value],
        districts=[],
        branch=city.branches[0].code if role is Role.CLERK else "",
        created_at=now,
    )
    _give(staff, drawn, keys)
    return staff


def _give(staff: Staff, drawn: DemoStaff, keys: Keyring) -> None:
    where = place("staff", "totp_secret", staff.id)
    staff.password_hash, staff.totp_ready = _QUICK.hash(drawn.password), True
    staff.totp_secret = keys.seal(drawn.secret.encode(), where)


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
