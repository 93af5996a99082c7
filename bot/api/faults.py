"""Whatever ends a request, as a problem. What is logged of it names nothing that was sent."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Flask, Response, request
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError, TimeoutError
from werkzeug.exceptions import HTTPException

from bot.api.doors import Doors, PlatformAway, Refused
from bot.api.problems import Problem
from bot.sessions import SessionsAway

_PROBLEM_OF_STATUS = {
    404: "not-found",
    405: "method",
    413: "too-large",
    415: "media-type",
    429: "too-many",
    503: "away",
}
MOST_PLACES = 20

log = structlog.get_logger(__name__)


def malformed(error: ValidationError) -> Problem:
    """Where it is malformed. A name that we do not know is not repeated: it was sent."""
    places = set()
    for fault in error.errors():
        where = fault["loc"][:-1] if fault["type"] == "extra_forbidden" else fault["loc"]
        places.add(".".join(map(str, where)))
    return Problem("malformed", places=sorted(place for place in places if place)[:MOST_PLACES])


def answer_faults(app: Flask, doors: Doors) -> None:
    """Let every fault end in a problem."""
    faults = Faults(doors)
    handlers: list[tuple[Any, Any]] = [
        (Problem, faults.told),
        (HTTPException, faults.ended),
        (Refused, lambda error: faults.told(Problem("login-refused"))),
        (PlatformAway, faults.platform_away),
        *((each, faults.away) for each in (SessionsAway, OperationalError, TimeoutError)),
        (Exception, faults.failed),
    ]
    for fault, handler in handlers:
        app.register_error_handler(fault, handler)


class Faults:
    """What each sort of fault is answered with."""

    def __init__(self, doors: Doors) -> None:
        self._texts = doors.texts

    def told(self, problem: Problem) -> Response:
        return problem.response(self._texts)

    def ended(self, error: HTTPException) -> Response:
        """By flask, or by who counts how often somebody asks."""
        if isinstance(error.response, Response):  # a view's own answer
            return error.response
        name = _PROBLEM_OF_STATUS.get(error.code or 500, "malformed")
        answer = self.told(Problem(name, wait=float(getattr(error, "retry_after", None) or 0)))
        allowed = dict(error.get_headers(request.environ)).get("Allow")
        if allowed:
            answer.headers["Allow"] = allowed
        return answer

    def away(self, error: Exception) -> Response:
        """Redis or the records."""
        log.warning("api cannot be served", fault=type(error).__name__)
        return self.told(Problem("away"))

    def platform_away(self, error: PlatformAway) -> Response:
        log.warning("platform did not answer the api", reason=error.reason)
        return self.told(Problem("platform-away"))

    def failed(self, error: Exception) -> Response:
        """A fault of ours, whose message may quote what it was about."""
        log.error("api failed", fault=type(error).__name__, path=str(request.url_rule))
        return self.told(Problem("fault"))
