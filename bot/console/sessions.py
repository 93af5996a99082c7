"""A browser's session at the console: a row of the records, found by a random token in a cookie."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin
from sqlalchemy import delete
from sqlalchemy.orm import Session as Records
from werkzeug.datastructures import CallbackDict

from bot.ports import Sources
from models.database import Database
from models.staff import StaffSession, find_session, hash_of

COOKIE = "staff"
TOKEN_BYTES = 32


class Visit(CallbackDict[str, Any], SessionMixin):
    """What Flask keeps of a browser, and who is signed in there; not kept yet without a `token`."""

    def __init__(self, values: dict[str, Any], token: str = "", staff_id: str | None = None):
        super().__init__(values, lambda visit: setattr(visit, "modified", True))
        self.token, self.staff_id, self.modified = token, staff_id, False

    def becomes(self, staff_id: str | None) -> None:
        """Somebody signs in, or out: under a new token, whatever the browser came with."""
        self.clear()
        self.token, self.staff_id, self.modified = "", staff_id, True


class StaffSessions(SessionInterface):
    """Opens and keeps visits. One session per member of staff: the later one ends the earlier."""

    def __init__(self, database: Database, sources: Sources, *, secure: bool) -> None:
        self._database, self._sources, self._secure = database, sources, secure

    def open_session(self, app: Flask, request: Request) -> Visit:
        token = request.cookies.get(COOKIE, "")
        with self._database.reading() as records:
            row = find_session(records, token) if token else None
            return Visit(dict(row.values), token, row.staff_id) if row else Visit({})

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if not isinstance(session, Visit) or not session.modified:
            return
        if not session.token:
            session.token = secrets.token_urlsafe(TOKEN_BYTES)
            response.set_cookie(
                COOKIE,
                session.token,
                path="/console",
                secure=self._secure,
                httponly=True,
                samesite="Strict",
            )
        self._keep(session)

    def _keep(self, visit: Visit) -> None:
        now = self._sources.clock()
        with self._database.writing() as records:
            row = find_session(records, visit.token)
            if row is None:
                row = StaffSession(token_hash=hash_of(visit.token), started_at=now)
            if visit.staff_id:
                _end_others(records, visit.staff_id, row.token_hash)
            row.staff_id, row.values, row.seen_at = visit.staff_id, dict(visit), now
            records.add(row)


def _end_others(records: Records, staff_id: str, but: str) -> None:
    others = (StaffSession.staff_id == staff_id) & (StaffSession.token_hash != but)
    records.execute(delete(StaffSession).where(others))
