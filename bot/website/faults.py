"""What a page answers when something is wrong: in plain words, and nothing typed is lost."""

from __future__ import annotations

import structlog
from flask import Flask, Response, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import (
    HTTPException,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
    ServiceUnavailable,
    TooManyRequests,
)
from werkzeug.wrappers import Response as AnyResponse

from bot.sessions import SessionsAway
from bot.website.forms import FIELD, ForeignForm, NoCookie, StaleForm
from bot.website.rendering import page_address
from bot.website.site import Website

log = structlog.get_logger(__name__)


def answer_faults(app: Flask, website: Website) -> None:
    """Pages for what goes wrong on pages."""
    faults = _Faults(website)
    app.register_error_handler(NotFound, lambda fault: faults.told("not_found", 404))
    app.register_error_handler(MethodNotAllowed, faults.not_allowed)
    app.register_error_handler(RequestEntityTooLarge, lambda fault: faults.told("too_large", 413))
    app.register_error_handler(ForeignForm, lambda fault: faults.told("foreign", 403))
    app.register_error_handler(StaleForm, lambda fault: faults.anew("stale", 409))
    app.register_error_handler(NoCookie, lambda fault: faults.anew("no_cookie", 409))
    app.register_error_handler(TooManyRequests, faults.too_many)
    for fault in (SessionsAway, SQLAlchemyError, ServiceUnavailable):
        app.register_error_handler(fault, faults.away)
    app.register_error_handler(Exception, faults.unexpected)


class _Faults:
    """Each method answers a request that failed."""

    def __init__(self, website: Website) -> None:
        self._website = website

    def told(self, reason: str, status: int, **values: object) -> Response:
        """What is wrong, and the way back. No address is written down: a link of somebody's may
        hold what nobody else should read."""
        back = page_address() or "?"
        return self._website.personal("fault.html", status, reason=reason, back=back, **values)

    def anew(self, reason: str, status: int) -> Response:
        """The form is to be sent once more, as a new one."""
        return self.told(reason, status, typed=_typed())

    def again(self, reason: str, status: int, **values: object) -> Response:
        """It is to be sent as it was, under the same number: it may have been taken."""
        return self.told(reason, status, typed=_typed(), sent=request.form.get(FIELD), **values)

    def not_allowed(self, fault: MethodNotAllowed) -> Response:
        answer = self.told("not_found", 405)
        answer.headers["Allow"] = ", ".join(sorted(fault.valid_methods or ()))
        return answer

    def too_many(self, fault: TooManyRequests) -> Response:
        wait = str(fault.retry_after or 1)
        answer = self.again("too_many", 429, values={"wait": wait})
        answer.headers["Retry-After"] = wait
        return answer

    def away(self, fault: Exception) -> Response:
        log.error("page not shown", fault=type(fault).__name__, page=request.endpoint)
        return self.again("away", 503)

    def unexpected(self, fault: Exception) -> AnyResponse:
        """Logged without its message, which may quote what somebody typed."""
        if isinstance(fault, HTTPException):
            return fault.get_response()
        log.error("page failed", fault=type(fault).__name__, page=request.endpoint)
        return self.again("away", 500)


def _typed() -> list[tuple[str, str]]:
    """What the form held, to be sent again by one press; its photo has to be chosen again."""
    return [(name, value) for name, value in request.form.items() if name != FIELD and value]
