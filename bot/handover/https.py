"""The road over HTTPS, signed as all our requests to offices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog

from bot.handover.envelope import NAME
from bot.handover.roads import OTHER_CONTENT, Offered, Refused, refusal
from bot.offices.http import OfficeHttp

log = structlog.get_logger(__name__)

FILE_LIMIT = 64 * 1024 * 1024
"""Bytes of a reply file; 10,000 lines take two million."""
_LONGEST_CURSOR = 64


class HttpRoad:
    """`bot.handover.roads.Road` over HTTP."""

    def __init__(self, http: OfficeHttp, seconds: float) -> None:
        """`seconds`: what a call may take."""
        self._http, self._seconds = http, seconds

    def send(self, name: str, sealed: bytes, digest: str) -> None:
        answer = self._http.post_file("/v1/batches", sealed, self._seconds, expect=(400, 409))
        said = self._http.parse(answer)
        if answer.status == 409:
            raise Refused(OTHER_CONTENT)
        if answer.status == 400:
            raise refusal(said.get("error"))
        if said.get("state") not in ("taken", "known"):
            raise self._http.malformed()

    def find(self, name: str) -> str | None:
        said = self._http.ask("/v1/batches/find", {"batch": name}, self._seconds)
        if said.get("state") == "unknown":
            return None
        digest = said.get("digest")
        if said.get("state") != "taken" or not isinstance(digest, str):
            raise self._http.malformed()
        return digest

    def replies(self, after: str) -> Sequence[Offered]:
        said = self._http.ask("/v1/replies", {"after": after}, self._seconds)
        files = said.get("files")
        if not isinstance(files, list):
            raise self._http.malformed()
        offered = [_offered(file) for file in files]
        if (odd := offered.count(None)) > 0:
            log.warning("replies passed over", source=self._http.office, count=odd)
        return [file for file in offered if file is not None]

    def fetch(self, offered: Offered) -> bytes:
        body = {"name": offered.name}
        return self._http.post("/v1/replies/get", body, self._seconds, limit=FILE_LIMIT).body

    def report(self, name: str, faults: Sequence[dict[str, Any]]) -> None:
        self._http.ask("/v1/replies/report", {"name": name, "faults": faults}, self._seconds)

    def end(self, name: str) -> None:
        """The cursor says so."""


def _offered(file: Any) -> Offered | None:
    """None for what is no reply file: it must not keep the others away."""
    match file:
        case {"name": str(name), "size": int(size), "cursor": str(cursor)}:
            if NAME.fullmatch(name) and 0 < len(cursor) <= _LONGEST_CURSOR:
                return Offered(name, size, cursor)
    return None
