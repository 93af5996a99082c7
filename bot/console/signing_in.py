"""Signing in: the password, then the code. What is asked is counted before it is looked at, and a
login that does not exist gets the same answer, after the same time, as a wrong password."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from typing import TypeVar

from sqlalchemy.orm import Session as Records

from bot.console.desk import Console
from models.audit import Act, audit
from models.passwords import Busy, fits, hashed, is_outdated, password_fault
from models.second_factors import confirm_secret, take_code, take_recovery_code
from models.sign_in_tries import Tries
from models.staff import Staff, find_staff

NOBODY = "staff:-"
LONGEST_LOGIN = 64
DIGITS = 6  # of a phone's code; a recovery code has more

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Refused:
    """Wrong, without saying what; or too many were wrong: `wait`."""

    wait: timedelta | None = None


@dataclass(frozen=True, slots=True)
class SignIn:
    """The steps, for somebody at this address."""

    console: Console
    address: str

    def password(self, login: str, password: str) -> Staff | Refused:
        """The first step. Raises Busy."""
        login = login.strip().lower()[:LONGEST_LOGIN]
        tries = self._tries(login)
        if refused := self._counted(tries):
            return refused
        with self.console.database.reading() as records:
            staff = find_staff(records, login)
        right = self._fits(tries, password, staff.password_hash if staff and staff.active else "")
        if staff is None or not right or staff.password_is_void(self.console.now()):
            self._failed(staff, "密码不对")
            return Refused()
        with self.console.database.writing() as records:
            tries.take_back(records, self.console.now())
        with suppress(Busy):  # another time, then
            self._keep_up(staff, password)
        return staff

    def code(self, staff_id: str, code: str, act: Act = "staff.sign_in") -> Staff | Refused:
        """The second step, or what else is asked for: the phone's code, or a recovery code."""
        code = "".join(code.split())

        def take(records: Records, staff: Staff) -> bool:
            keys, now = self.console.keys, self.console.now()
            if not staff.totp_ready:
                return False
            if len(code) == DIGITS:
                return take_code(records, keys, staff, code, now)
            return take_recovery_code(records, staff.id, code, now)

        done = self._second(staff_id, take, act)
        return done if isinstance(done, Refused) else done[0]

    def set_up(self, staff_id: str, code: str) -> tuple[Staff, list[str]] | Refused:
        """The second step at the first visit: the phone has the secret. With the recovery codes."""

        def take(records: Records, staff: Staff) -> list[str] | None:
            keys, now = self.console.keys, self.console.now()
            return confirm_secret(records, keys, staff, "".join(code.split()), now)

        return self._second(staff_id, take, "staff.sign_in")

    def new_password(self, staff: Staff, old: str, new: str, again: str) -> str | None:
        """Somebody signed in changes their own. Returns why not, in a sentence; None: it is done.
        Their other sessions do not outlive it; there are none. Raises Busy."""
        rules, now = self.console.city.console, self.console.now()
        tries = self._tries(staff.login)
        if refused := self._counted(tries):
            return f"错得太多了，请{waiting(refused.wait)}后再试。"
        if not self._fits(tries, old, staff.password_hash):
            self._failed(staff, "密码不对")
            return "现在的密码不对。"
        fault = password_fault(new, staff.login, rules)
        if new != again:
            fault = "两次填的新密码不一样。"
        elif new == old:
            fault = "新密码不能和现在的一样。"
        with self.console.database.writing() as records:
            tries.take_back(records, now)
        if not fault:
            self._change(staff, hashed(new))
        return fault

    # --- small parts --------------------------------------------------------------------

    def _second(
        self, staff_id: str, take: Callable[[Records, Staff], T | None], act: Act
    ) -> tuple[Staff, T] | Refused:
        """Somebody with the right password shows the second factor, as `take` looks at it."""
        staff = self._active(staff_id)
        if staff is None:
            return Refused()
        tries = self._tries(staff.login)
        if refused := self._counted(tries):
            return refused
        with self.console.database.writing() as records:
            mine = records.get_one(Staff, staff_id, with_for_update=True)
            taken = take(records, mine)
            if taken:
                tries.clear(records, self.console.now())
                self._note(records, mine, act, "密码、验证码都对")
        if not taken:
            self._failed(staff, "验证码不对")
            return Refused()
        return staff, taken

    def _active(self, staff_id: str) -> Staff | None:
        with self.console.database.reading() as records:
            staff = records.get(Staff, staff_id)
        return staff if staff and staff.active else None

    def _change(self, staff: Staff, kept: str) -> None:
        now, days = self.console.now(), self.console.city.console.password_days
        with self.console.database.writing() as records:
            mine = records.get_one(Staff, staff.id, with_for_update=True)
            mine.password_hash, mine.password_own = kept, True
            mine.password_until = now + timedelta(days=days or 36500)
            self._note(records, staff, "staff.password", "本人换密码")

    def _keep_up(self, staff: Staff, password: str) -> None:
        """Hash anew what was hashed with yesterday's parameters. Raises Busy."""
        if is_outdated(staff.password_hash):
            kept = hashed(password)
            with self.console.database.writing() as records:
                records.get_one(Staff, staff.id, with_for_update=True).password_hash = kept
            staff.password_hash = kept

    def _fits(self, tries: Tries, password: str, kept: str) -> bool:
        """Raises Busy; that is nobody's failure."""
        try:
            return fits(password, kept)
        except Busy:
            with self.console.database.writing() as records:
                tries.take_back(records, self.console.now())
            raise

    def _tries(self, login: str) -> Tries:
        return Tries(self.console.keys, self.console.city.console, login, self.address)

    def _counted(self, tries: Tries) -> Refused | None:
        with self.console.database.writing() as records:
            wait = tries.count(records, self.console.now())
        return Refused(wait) if wait else None

    def _failed(self, staff: Staff | None, what: str) -> None:
        with self.console.database.writing() as records:
            self._note(records, staff, "staff.sign_in_failed", what)

    def _note(self, records: Records, staff: Staff | None, act: Act, reason: str) -> None:
        who = staff.by if staff else NOBODY
        audit(records, actor=who, act=act, subject=who, reason=reason, now=self.console.now(),
              detail={"role": "staff", "from": self._from()})  # fmt: skip

    def _from(self) -> str:
        """The address, as far as two events can be compared by it."""
        return self.console.keys.index("audit", "address", self.address)[:12]


def waiting(wait: timedelta | None) -> str:
    """How long to wait, in words, rounded up: `1分钟`."""
    return f"{max(1, ceil((wait or timedelta()).total_seconds() / 60))}分钟"
