"""`shebaoka staff`: the people who work at the console. Every change is audited."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from pyotp import TOTP
from sqlalchemy.orm import Session as Records

from bot.commands.settings import keyring, local_settings, stop
from bot.demo.clock import DemoClock
from bot.demo.staff import FILE, read_staff
from config.city import City, load_city
from models.audit import Act, audit
from models.database import Database
from models.sealing import Keyring
from models.staff import Staff, find_staff
from models.staff_records import (
    Duties,
    FirstPassword,
    StaffFault,
    add_staff,
    all_staff,
    disable,
    first_password,
    reset,
    roles_of,
)


@dataclass(frozen=True, slots=True)
class Office:
    """What the commands work with: one transaction, and who sits at the keyboard."""

    records: Records
    keys: Keyring
    city: City
    by: str
    now: datetime

    def note(self, act: Act, staff: Staff) -> None:
        audit(self.records, actor=self.by, act=act, subject=staff.by, reason="command line",
              now=self.now, detail={"roles": staff.roles, "branch": staff.branch})  # fmt: skip

    def find(self, login: str) -> Staff:
        found = find_staff(self.records, login)
        return found if found else stop([f"nobody has the login {login}"])


def add(login: str, name: str, roles: list[str], districts: list[str], branch: str) -> int:
    """Add somebody."""
    first = _first_password()
    with _office() as office:
        duties = Duties(roles_of(roles), tuple(districts), branch)
        staff = add_staff(
            office.records,
            office.city,
            staff_id=uuid4().hex,
            login=login,
            name=name,
            duties=duties,
            first=first,
            now=office.now,
        )
        office.note("staff.add", staff)
    return _told(first)


def show() -> int:
    """Print everybody."""
    with _office() as office:
        for staff in all_staff(office.records):
            where = staff.branch or ",".join(staff.districts) or "-"
            state = "active" if staff.active else "disabled"
            phone = "phone" if staff.totp_ready else "no phone yet"
            roles = ",".join(staff.roles)
            sys.stdout.write(
                "\t".join((staff.login, staff.name, roles, where, state, phone)) + "\n"
            )
    return 0


def take_out(login: str) -> int:
    """Disable somebody."""
    with _office() as office:
        staff = office.find(login)
        disable(office.records, staff, by=office.by)
        office.note("staff.disable", staff)
    return 0


def begin_anew(login: str) -> int:
    """A new first password, and no phone."""
    first = _first_password()
    with _office() as office:
        staff = office.find(login)
        reset(office.records, office.keys, staff, first, by=office.by)
        office.note("staff.reset", staff)
    return _told(first)


def demo_code(login: str) -> int:
    """What the phone of one of the demo's staff would show now."""
    folder = local_settings().data_dir
    known = read_staff(folder)
    if login not in known:
        stop([f"only for staff of the demo, in {FILE} of its data folder: {', '.join(known)}"])
    sys.stdout.write(TOTP(known[login].secret).at(DemoClock(folder)()) + "\n")
    return 0


@contextmanager
def _office() -> Iterator[Office]:
    settings = local_settings()
    keys, city = keyring(settings), load_city(settings.city)
    database = Database(settings.database)
    by = f"cli:{getpass.getuser()}"
    try:
        with database.writing() as records:
            yield Office(records, keys, city, by, _now())
    except StaffFault as fault:
        stop([str(fault)])
    finally:
        database.dispose()


def _first_password() -> FirstPassword:
    return first_password(load_city(local_settings().city), _now())


def _now() -> datetime:
    """The machine's clock; in a demo its own, which may be days ahead."""
    folder = local_settings().data_dir
    return DemoClock(folder)() if read_staff(folder) else datetime.now(UTC)


def _told(first: FirstPassword) -> int:
    sys.stdout.write(f"{first.password}\n")
    sys.stderr.write(f"the first password, shown this once; good until {first.until:%Y-%m-%d}\n")
    return 0
