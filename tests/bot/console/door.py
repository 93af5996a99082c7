"""Somebody at the console's door: with a login, a first password, and a phone."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

from pyotp import TOTP
from werkzeug.test import TestResponse

from models.staff import Role, Staff, find_staff
from models.staff_records import Duties, add_staff, first_password
from tests.bot.console.staffed import Staffed

OWN_PASSWORD = "Wunderlich-7-Kraniche"


class Caller:
    """One browser and who sits at it. `secret` is what their phone has."""

    def __init__(self, console: Staffed, login: str = "", password: str = "") -> None:
        self.console, self.login, self.password = console, login, password
        self.client, self.secret = console.app.test_client(), ""
        self.codes: list[str] = []

    def get(self, path: str) -> TestResponse:
        return self.client.get(f"/console{path}")

    def post(self, path: str, **form: str) -> TestResponse:
        """With the token against forgery of the page before."""
        found = re.search(r'name="csrf-token" content="([^"]+)"', self.get("/sign-in").text)
        assert found
        return self.client.post(f"/console{path}", data={**form, "csrf_token": found[1]})

    def gives_password(self, password: str = "", login: str = "") -> TestResponse:
        return self.post("/sign-in", login=login or self.login, password=password or self.password)

    def code(self) -> str:
        """What the phone shows now."""
        return TOTP(self.secret).at(self.console.clock())

    def gives_code(self, code: str = "") -> TestResponse:
        return self.post("/sign-in/code", code=code or self.code())

    def sets_up(self) -> TestResponse:
        """Their phone reads the secret off the page, and shows its first code."""
        found = re.search(r"<code>([A-Z2-7]{32})</code>", self.get("/sign-in/set-up").text)
        assert found
        self.secret = found[1]
        answer = self.post("/sign-in/set-up", code=self.code())
        self.codes = re.findall(r"<li><code>([A-Z2-9-]{19})</code>", answer.text)
        return answer

    def changes_password(self, new: str = OWN_PASSWORD, old: str = "") -> TestResponse:
        return self.post("/me/password", old=old or self.password, new=new, again=new)

    def elsewhere(self) -> Caller:
        """The same person at another browser."""
        other = Caller(self.console, self.login, self.password)
        other.secret, other.codes = self.secret, self.codes
        return other

    def is_in(self) -> bool:
        return self.get("/me").status_code == 200


def newcomer(console: Staffed, *roles: Role) -> Caller:
    """Somebody who has got their first password, and has not been here."""
    parts, login = console.parts, f"n{uuid4().hex[:8]}"
    first = first_password(parts.city, console.clock())
    with parts.database.writing() as records:
        add_staff(
            records,
            parts.city,
            staff_id=uuid4().hex,
            login=login,
            name="周工",
            duties=Duties(roles or (Role.REVIEWER,)),
            first=first,
            now=console.clock(),
        )
    return Caller(console, login, first.password)


def settled(console: Staffed, *roles: Role) -> Caller:
    """Somebody with a phone and a password of their own, signed in; their next code is new."""
    caller = newcomer(console, *roles)
    caller.gives_password()
    caller.sets_up()
    assert caller.changes_password().status_code == 303
    caller.password = OWN_PASSWORD
    pass_a_step(console)
    return caller


def pass_a_step(console: Staffed) -> None:
    """Phones show the next code."""
    console.clock.shift(timedelta(seconds=30))


def row_of(console: Staffed, caller: Caller) -> Staff:
    """What the records say of them."""
    with console.parts.database.reading() as records:
        found = find_staff(records, caller.login)
    assert found
    return found
