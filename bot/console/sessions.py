"""A browser's session at the console: a row of the records, found by a random token in a cookie.

Before anybody has given a right password nothing is written: what Flask keeps of a stranger stands
in the cookie itself, signed.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from flask import Flask, Request, Response, session
from flask.sessions import SessionInterface, SessionMixin
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import delete, select
from sqlalchemy.orm import Session as Records
from werkzeug.datastructures import CallbackDict

from bot.ports import Sources
from config.city_console import StaffAccess
from models.database import Database
from models.staff import Ended, Staff, StaffSession, end_sessions, find_session, hash_of

COOKIE = "staff"
SIGNED = "~"  # what a stranger's cookie begins with; no token does
TOKEN_BYTES = 32
PENDING = timedelta(minutes=10)  # between the password and the code
TOUCH = timedelta(minutes=1)  # how exactly we know when a session was last used
_PENDING, _UNTIL, _GIVEN = "pending", "pending_until", "pending_password"


class Visit(CallbackDict[str, Any], SessionMixin):
    """What Flask keeps of a browser, and who is signed in there; not kept yet without a `token`.
    `ended`: why somebody is signed in here no more."""

    def __init__(
        self,
        values: dict[str, Any],
        token: str = "",
        staff_id: str | None = None,
        ends_at: datetime | None = None,
        ended: str = "",
        passing: bool = False,
    ) -> None:
        super().__init__(values, lambda visit: setattr(visit, "modified", True))
        self.token, self.staff_id, self.modified = token, staff_id, False
        self.ends_at, self.ended, self.stale = ends_at, ended, False
        self.left = ""  # the token before the present one
        self.passing = passing  # a file is fetched: nothing is read, and nothing kept

    def becomes(self, staff_id: str | None) -> None:
        """Somebody signs in, or out: under a new token, whatever the browser came with."""
        self.clear()
        self.left, self.token, self.staff_id, self.modified = self.token, "", staff_id, True

    def awaits(self, staff: Staff, now: datetime) -> None:
        """Somebody has given the right password; the second factor is still to come."""
        self.becomes(None)
        self[_PENDING], self[_UNTIL] = staff.id, (now + PENDING).timestamp()
        self[_GIVEN] = hash_of(staff.password_hash)

    def awaited(self, records: Records, now: datetime) -> Staff | None:
        """Who has given the right password here, lately, and nothing else yet. Nobody where that
        password is theirs no more: it was changed or drawn anew meanwhile."""
        if not self.token or self.get(_UNTIL, 0) <= now.timestamp():
            return None
        staff = records.get(Staff, self[_PENDING])
        same = staff is not None and hash_of(staff.password_hash) == self[_GIVEN]
        return staff if staff is not None and staff.active and same else None


def asked_by_itself() -> None:
    """A page asked, and nobody touched it: this request keeps nobody signed in."""
    visit: Visit = session  # type: ignore[assignment]
    visit.stale = False


class StaffSessions(SessionInterface):
    """Opens and keeps visits. One session per member of staff: the later one ends the earlier."""

    def __init__(
        self,
        database: Database,
        sources: Sources,
        rules: StaffAccess,
        *,
        secret: str,
        secure: bool,
    ) -> None:
        self._database, self._sources, self._rules = database, sources, rules
        self._signer, self._secure = URLSafeSerializer(secret, salt="console visit"), secure
        self.cookie = f"__Secure-{COOKIE}" if secure else COOKIE

    def open_session(self, app: Flask, request: Request) -> Visit:
        said = request.cookies.get(self.cookie, "")
        if request.path.startswith("/static/"):
            return Visit({}, passing=True)
        if not said:
            return Visit({})
        if said.startswith(SIGNED):
            return Visit(self._read(said))
        with self._database.reading() as records:
            row = find_session(records, said)
        return self._visit(row, said) if row else Visit({})

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not isinstance(session, Visit) or session.passing:
            return
        if not (session.modified or session.stale):
            return
        if session.staff_id or _PENDING in session:
            begins = not session.token
            if begins:
                session.token = secrets.token_urlsafe(TOKEN_BYTES)
                self._send(response, session.token)
            self._keep(session, begins)
        else:
            self._forget(session)
            self._send(response, SIGNED + str(self._signer.dumps(dict(session))))

    def _visit(self, row: StaffSession, token: str) -> Visit:
        now = self._sources.clock()
        why = self._over(row, now) if row.staff_id else None
        if why and row.staff_id:
            with self._database.writing() as records:
                end_sessions(records, row.staff_id, why)
        if why or row.ended:
            return Visit({}, ended=why or row.ended)
        visit = Visit(dict(row.values), token, row.staff_id, row.ends_at)
        visit.stale = now > row.seen_at + TOUCH
        return visit

    def _over(self, row: StaffSession, now: datetime) -> Ended | None:
        if now >= row.ends_at:
            return "over"
        idle = timedelta(minutes=self._rules.idle_minutes)
        return "idle" if now >= row.seen_at + idle else None

    def _keep(self, visit: Visit, begins: bool) -> None:
        now = self._sources.clock()
        with self._database.writing() as records:
            _drop(records, visit.left)
            begun = self._begin(records, visit, now) if begins else None
            row = begun or find_session(records, visit.token)
            if row is None or row.ended:
                return  # ended, or signed out of, while this request was answered
            row.values, row.seen_at = dict(visit), now
            records.add(row)

    def _begin(self, records: Records, visit: Visit, now: datetime) -> StaffSession:
        """The row of a new token. Held: of two that begin at once, one is the later."""
        token_hash = hash_of(visit.token)
        if visit.staff_id:
            records.scalar(select(Staff.id).where(Staff.id == visit.staff_id).with_for_update())
            end_sessions(records, visit.staff_id, "elsewhere", but=token_hash)
        ends_at = now + timedelta(hours=self._rules.shift_hours)
        return StaffSession(
            token_hash=token_hash, staff_id=visit.staff_id, started_at=now, ends_at=ends_at
        )

    def _forget(self, visit: Visit) -> None:
        if visit.left or visit.token:
            with self._database.writing() as records:
                _drop(records, visit.left)
                _drop(records, visit.token)

    def _read(self, said: str) -> dict[str, Any]:
        try:
            return dict(self._signer.loads(said.removeprefix(SIGNED)))
        except BadSignature:
            return {}

    def _send(self, response: Response, value: str) -> None:
        response.set_cookie(
            self.cookie,
            value,
            path="/console",
            secure=self._secure,
            httponly=True,
            samesite="Strict",
        )


def _drop(records: Records, token: str) -> None:
    if token:
        records.execute(delete(StaffSession).where(StaffSession.token_hash == hash_of(token)))
