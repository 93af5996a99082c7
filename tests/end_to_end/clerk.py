"""A clerk of a branch who is signed in at the console of the running service."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from typing import Any
from uuid import uuid4

import requests

from bot.console.sessions import COOKIE
from models.staff import Role, Staff, StaffSession, hash_of
from tests.rig import Bot

SHIFT = timedelta(hours=8)


def signed_in(bot: Bot, branch: str, *roles: Role) -> str:
    """The cookie's value of a clerk who has signed in, or of somebody with other `roles`."""
    token, staff_id, now = secrets.token_urlsafe(32), uuid4().hex, bot.clock()
    with bot.database.writing() as records:
        records.add(
            Staff(
                id=staff_id, login=f"c{staff_id[:8]}", name="周工",
                roles=[role.value for role in roles or (Role.CLERK,)], districts=[],
                branch=branch, password_hash="", created_at=now,
            )
        )  # fmt: skip
        records.flush()
        records.add(
            StaffSession(
                token_hash=hash_of(token), staff_id=staff_id, values={}, started_at=now,
                seen_at=now, ends_at=now + SHIFT,
            )
        )  # fmt: skip
    return token


class Clerk:
    """Pages over HTTP, forms with their token."""

    def __init__(self, bot: Bot, branch: str) -> None:
        self.base, self.http, self.page = f"{bot.site}/console", requests.Session(), ""
        self.http.cookies.set(COOKIE, signed_in(bot, branch), path="/console")

    def open(self, path: str) -> str:
        self.page = self.http.get(f"{self.base}{path}", timeout=10).text
        return self.page

    def send(self, path: str, **fields: str) -> requests.Response:
        """Send a form of the page that is open, and follow to where it leads."""
        found = re.search(r'name="csrf-token" content="([^"]+)"', self.page)
        assert found, self.page
        form: dict[str, Any] = {**fields, "csrf_token": found[1]}
        answer = self.http.post(f"{self.base}{path}", data=form, timeout=10)
        self.page = answer.text
        return answer
