"""Keeping the records of staff: who is added, what they may do, who gets a new password."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session as Records

from config.city import City
from models.passwords import drawn_password, hashed
from models.sealing import Keyring
from models.second_factors import forget_recovery_codes
from models.sign_in_tries import forgive
from models.staff import Role, Staff, end_sessions, find_staff

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
LONGEST_NAME = 64
ALONE = (Role.ADMINISTRATOR, Role.AUDITOR)
"""Who keeps the records of staff, and who looks over everybody's shoulder, do nothing else: GB/T
22239-2019 keeps these offices apart."""


class StaffFault(Exception):
    """Why the records of staff do not take this: a sentence for who asked."""


@dataclass(frozen=True, slots=True)
class Duties:
    """What somebody does, and where: roles, districts by code (none: all), a clerk's branch."""

    roles: tuple[Role, ...]
    districts: tuple[str, ...] = ()
    branch: str = ""

    def check(self, city: City) -> None:
        """Raises `StaffFault`."""
        if not self.roles:
            raise StaffFault("至少要有一个岗位。")
        for role in ALONE:
            if role in self.roles and len(set(self.roles)) > 1:
                raise StaffFault("系统管理员、审计员不能兼任别的岗位。")
        if (Role.CLERK in self.roles) != bool(self.branch):
            raise StaffFault("网点经办要写明网点，别的岗位不写。")
        if self.branch and self.branch not in {branch.code for branch in city.branches}:
            raise StaffFault(f"没有这个网点：{self.branch}")
        for code in set(self.districts) - {district.code for district in city.districts}:
            raise StaffFault(f"没有这个区：{code}")


@dataclass(frozen=True, slots=True)
class FirstPassword:
    """A password that was drawn for somebody: told once, kept as its hash."""

    password: str
    kept: str
    until: datetime


def first_password(city: City, now: datetime) -> FirstPassword:
    """Draw one. Takes a moment: not inside a transaction."""
    password = drawn_password()
    until = now + timedelta(days=city.console.first_password_days)
    return FirstPassword(password, hashed(password), until)


def add_staff(
    records: Records,
    city: City,
    *,
    staff_id: str,
    login: str,
    name: str,
    duties: Duties,
    first: FirstPassword,
    now: datetime,
) -> Staff:
    """A new member of staff. Raises `StaffFault`."""
    login, name = login.strip().lower(), name.strip()
    if not LOGIN.fullmatch(login):
        raise StaffFault("工号用小写字母、数字、点、横线，2到32个字符。")
    if not 0 < len(name) <= LONGEST_NAME:
        raise StaffFault(f"姓名要填，最多{LONGEST_NAME}个字。")
    duties.check(city)
    if find_staff(records, login) is not None:
        raise StaffFault(f"工号 {login} 已经有人用了。")
    staff = Staff(id=staff_id, login=login, name=name, created_at=now, totp_secret=None)
    _assign(staff, duties)
    _give(staff, first)
    records.add(staff)
    records.flush()
    return staff


def change_duties(records: Records, city: City, staff: Staff, duties: Duties, *, by: str) -> None:
    """Somebody does something else from now on; they sign in anew. Raises `StaffFault`."""
    _not_oneself(staff, by)
    duties.check(city)
    if Role.ADMINISTRATOR not in duties.roles:
        _not_the_last(records, staff)
    _assign(staff, duties)
    end_sessions(records, staff.id, "changed")


def disable(records: Records, staff: Staff, *, by: str) -> None:
    """Somebody leaves: they are signed out, and nothing signs them in. Raises `StaffFault`."""
    _not_oneself(staff, by)
    _not_the_last(records, staff)
    staff.active = False
    end_sessions(records, staff.id, "changed")


def reset(records: Records, keys: Keyring, staff: Staff, first: FirstPassword, *, by: str) -> None:
    """A new first password and, at the next visit, a new second factor; enabled again, and let in
    at once. Raises `StaffFault`."""
    _not_oneself(staff, by)
    _give(staff, first)
    staff.active, staff.totp_secret, staff.totp_ready = True, None, False
    forget_recovery_codes(records, staff.id)
    forgive(records, keys, staff.login)
    end_sessions(records, staff.id, "changed")


def all_staff(records: Records) -> Sequence[Staff]:
    """Everybody, by login."""
    return records.scalars(select(Staff).order_by(Staff.login)).all()


def roles_of(names: Collection[str]) -> tuple[Role, ...]:
    """Roles by name. Raises `StaffFault` for one that there is not."""
    for name in names:
        if name not in set(Role):
            raise StaffFault(f"没有这个岗位：{name}")
    return tuple(Role(name) for name in dict.fromkeys(names))


def _assign(staff: Staff, duties: Duties) -> None:
    staff.roles = [role.value for role in duties.roles]
    staff.districts, staff.branch = list(duties.districts), duties.branch


def _give(staff: Staff, first: FirstPassword) -> None:
    staff.password_hash, staff.password_own = first.kept, False
    staff.password_until = first.until


def hold_everybody(records: Records) -> None:
    """Before somebody's duties change: two who remove each other do it one by one."""
    records.execute(select(Staff.id).order_by(Staff.id).with_for_update())


def _not_oneself(staff: Staff, by: str) -> None:
    if staff.by == by:
        raise StaffFault("自己的账号要由别的管理员来改。")


def _not_the_last(records: Records, staff: Staff) -> None:
    """The caller holds everybody's record."""
    active = select(Staff).where(Staff.active)
    left = [other for other in records.scalars(active) if other.has(Role.ADMINISTRATOR)]
    if [other.id for other in left] == [staff.id]:
        raise StaffFault("这是最后一个系统管理员，先加一个再改。")
