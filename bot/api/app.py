"""The API as an application of its own, so that its hooks are on nothing else of the site."""

from __future__ import annotations

from typing import Any

import structlog
from flask import Response, jsonify, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.info import Info
from flask_openapi3.models.schema import Schema
from flask_openapi3.models.server import Server
from flask_openapi3.openapi import OpenAPI
from pydantic import ValidationError
from sqlalchemy.exc import OperationalError, TimeoutError
from werkzeug.exceptions import HTTPException

from bot.api.bearer import Bearers
from bot.api.conversation import Conversation
from bot.api.doors import Doors, PlatformAway, Refused
from bot.api.phones import phone_views
from bot.api.pictures import picture_views
from bot.api.problems import Problem, ProblemBody
from bot.api.proving import proof_views
from bot.api.records import record_views
from bot.api.sign_in import sign_in_views, sign_out_views
from bot.api.subscriptions import subscription_views
from bot.api.talking import talking_views
from bot.limits import address_of
from bot.sessions import SessionsAway

PREFIX = "/api/v1"
JSON_BYTES = 64 * 1024
FORM_BYTES = 64 * 1024  # around a picture
_BEARER = {"type": "http", "scheme": "bearer", "description": "The token that a login gave."}
_PROBLEM_OF_STATUS = {
    404: "not-found",
    405: "method",
    413: "too-large",
    415: "media-type",
    429: "too-many",
    503: "away",
}
_ABOUT = """
The conversation of the chat for mini programs: what a person does goes in by `POST /turns`, what
the chat says comes back as messages. See docs/mini-program.md for the calls of a front end.
"""

log = structlog.get_logger(__name__)


def api_app(doors: Doors) -> OpenAPI:
    """The application, to be mounted at `PREFIX`."""
    app = OpenAPI(
        "shebaoka_api",
        info=Info(title="Shebaoka mini-program API", version="1.0.0", description=_ABOUT.strip()),
        servers=[Server(url=PREFIX)],
        security_schemes={"bearer": _BEARER},
        validation_error_model=ProblemBody,
        validation_error_callback=lambda error: _malformed(error).response(doors.texts),
        doc_ui=False,
        static_folder=None,
    )
    app.config["MAX_CONTENT_LENGTH"] = JSON_BYTES
    app.components_schemas["ProblemBody"] = Schema(**ProblemBody.model_json_schema())
    bearers, conversation = Bearers(doors), Conversation(doors)
    app.register_api(sign_in_views(doors, bearers))
    own = APIBlueprint("own", __name__, abp_security=[{"bearer": []}])
    own.before_request(bearers.require)
    sign_out_views(own, bearers)
    talking_views(own, doors, conversation)
    phone_views(own, doors, conversation)
    picture_views(own, doors, doors.city.photo.max_bytes + FORM_BYTES)
    record_views(own, doors, conversation)
    proof_views(own, doors, conversation)
    subscription_views(own, doors, conversation)
    app.register_api(own)
    app.add_url_rule("/openapi.json", "openapi", lambda: jsonify(app.api_doc))
    _handle_errors(app, doors)
    app.before_request(lambda: doors.limits.take("api_address", address_of(request, doors.proxies)))
    app.after_request(_harden)
    return app


def _malformed(error: ValidationError) -> Problem:
    """Where it is malformed, and nothing of what was sent."""
    places = sorted({".".join(map(str, fault["loc"])) for fault in error.errors()})
    return Problem("malformed", places=[place for place in places if place][:20])


def _harden(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _handle_errors(app: OpenAPI, doors: Doors) -> None:
    def told(problem: Problem) -> Response:
        return problem.response(doors.texts)

    def ended(error: HTTPException) -> Response:
        if error.response is not None:  # a view's own answer
            return error.response  # type: ignore[return-value]
        name = _PROBLEM_OF_STATUS.get(error.code or 500, "malformed")
        answer = told(Problem(name, wait=float(getattr(error, "retry_after", None) or 0)))
        for header, value in error.get_headers(request.environ):
            if header == "Allow":
                answer.headers[header] = value
        return answer

    def away(error: Exception) -> Response:
        log.warning("api cannot be served", fault=type(error).__name__)
        return told(Problem("away"))

    def platform_away(error: PlatformAway) -> Response:
        log.warning("platform did not answer the api", reason=error.reason)
        return told(Problem("platform-away"))

    def failed(error: Exception) -> Response:
        log.error("api failed", fault=type(error).__name__, path=str(request.url_rule))
        return told(Problem("fault"))

    handlers: list[tuple[Any, Any]] = [
        (Problem, told),
        (HTTPException, ended),
        (Refused, lambda error: told(Problem("login-refused"))),
        (PlatformAway, platform_away),
        *((fault, away) for fault in (SessionsAway, OperationalError, TimeoutError)),
        (Exception, failed),
    ]
    for fault, handler in handlers:
        app.register_error_handler(fault, handler)
