"""The console with a real database, and members of staff who are signed in already."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from bot.console.sessions import COOKIE
from models.staff import Role, Staff, StaffSession, hash_of
from tests.bot.site import Site

SHIFT = timedelta(hours=10)


class Desk:
    """A browser at the console in which one member of staff is signed in. Paths begin with
    `/console`; what is posted carries the token against forgery."""

    def __init__(self, client: FlaskClient, staff_id: str) -> None:
        self.client, self.staff_id = client, staff_id

    def get(self, path: str, **given: Any) -> TestResponse:
        return self.client.get(f"/console{path}", **given)

    def post(self, path: str, /, **form: Any) -> TestResponse:
        return self.client.post(f"/console{path}", data={**form, "csrf_token": self.csrf_token()})

    def csrf_token(self) -> str:
        found = re.search(r'name="csrf-token" content="([^"]+)"', self.get("/").text)
        assert found, "no page of the console"
        return found[1]


class Staffed(Site):
    """The whole site; `desk(role)` is a browser of somebody with that role."""

    def __init__(self, folder: Path, redis_url: str, **settings: Any) -> None:
        super().__init__(folder, redis_url, **settings)

    def desk(self, *roles: Role, districts: tuple[str, ...] = (), branch: str = "") -> Desk:
        token, staff_id, now = secrets.token_urlsafe(32), uuid4().hex, self.clock()
        with self.parts.database.writing() as records:
            records.add(
                Staff(
                    id=staff_id,
                    login=f"s{staff_id[:8]}",
                    name="李工",
                    roles=[role.value for role in roles],
                    districts=list(districts),
                    branch=branch,
                    password_hash="",
                    totp_secret=None,
                    created_at=now,
                )
            )
            records.flush()
            records.add(
                StaffSession(
                    token_hash=hash_of(token),
                    staff_id=staff_id,
                    values={},
                    started_at=now,
                    seen_at=now,
                    ends_at=now + SHIFT,
                )
            )
        client = self.app.test_client()
        client.set_cookie(COOKIE, token, path="/console")
        return Desk(client, staff_id)
