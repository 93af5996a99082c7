"""What a page answers when something is wrong: in plain words, and nothing typed is lost."""

from __future__ import annotations

import structlog
from flask import Flask, Response, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import (
    NotFound,
    RequestEntityTooLarge,
    ServiceUnavailable,
    TooManyRequests,
)

from bot.sessions import SessionsAway
from bot.website.forms import FIELD, ForeignForm, StaleForm
from bot.website.site import Website

log = structlog.get_logger(__name__)


def answer_faults(app: Flask, website: Website) -> None:
    """Pages for what goes wrong on pages."""

    def told(reason: str, status: int, **values: object) -> Response:
        return website.personal("fault.html", status, reason=reason, back=_back(), **values)

    def again(reason: str, status: int, **values: object) -> Response:
        """To be sent as it was, under the same number: it may have been taken."""
        return told(reason, status, typed=_typed(), sent=request.form.get(FIELD), **values)

    def not_found(_: Exception) -> Response:
        return told("not_found", 404)

    def too_large(_: Exception) -> Response:
        return told("too_large", 413)

    def foreign(_: Exception) -> Response:
        return told("foreign", 403)

    def stale(_: Exception) -> Response:
        return told("stale", 409, typed=_typed())

    def away(fault: Exception) -> Response:
        log.error("page not shown", fault=type(fault).__name__, page=request.endpoint)
        return again("away", 503)

    def too_many(fault: TooManyRequests) -> Response:
        wait = str(fault.retry_after or 1)
        answer = again("too_many", 429, values={"wait": wait})
        answer.headers["Retry-After"] = wait
        return answer

    app.register_error_handler(TooManyRequests, too_many)
    app.register_error_handler(NotFound, not_found)
    app.register_error_handler(RequestEntityTooLarge, too_large)
    app.register_error_handler(ForeignForm, foreign)
    app.register_error_handler(StaleForm, stale)
    for fault in (SessionsAway, SQLAlchemyError, ServiceUnavailable):
        app.register_error_handler(fault, away)


def _back() -> str:
    """Where to look again: the same page, or the page whose form was sent. No address is written
    down that a link of somebody's may hold."""
    return "?" if request.method == "GET" else "/" + request.path.split("/")[1]


def _typed() -> list[tuple[str, str]]:
    """What the form held, to be sent again by one press; its photo has to be chosen again."""
    return [(name, value) for name, value in request.form.items() if name != FIELD and value]
