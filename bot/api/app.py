"""The API as an application of its own, so that its hooks are on nothing else of the site."""

from __future__ import annotations

from flask import Response, jsonify, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.info import Info
from flask_openapi3.models.schema import Schema
from flask_openapi3.models.server import Server
from flask_openapi3.openapi import OpenAPI

from bot.api.bearer import Bearers
from bot.api.conversation import Conversation
from bot.api.doors import Doors
from bot.api.faults import answer_faults, malformed
from bot.api.passes import pass_views
from bot.api.phones import phone_views
from bot.api.pictures import picture_views
from bot.api.problems import ProblemBody
from bot.api.proving import proof_views
from bot.api.pushes import push_views
from bot.api.records import record_views
from bot.api.sign_in import sign_in_views, sign_out_views
from bot.api.subscriptions import subscription_views
from bot.api.talking import talking_views
from bot.limits import address_of

PREFIX = "/api/v1"
JSON_BYTES = 64 * 1024
FORM_BYTES = 64 * 1024  # around a picture
_BEARER = {"type": "http", "scheme": "bearer", "description": "The token that a login gave."}
_SYSTEM = {
    "type": "http",
    "scheme": "bearer",
    "description": "The key of a system, as `shebaoka push systems add` gives it.",
}
_ABOUT = """
The conversation of the chat for mini programs: what a person does goes in by `POST /turns`, what
the chat says comes back as messages. See docs/mini-program.md for the calls of a front end.
Below `/pushes`, with keys of their own: what other systems tell many people; see docs/push.md.
"""


def api_app(doors: Doors) -> OpenAPI:
    """The application, to be mounted at `PREFIX`."""
    app = OpenAPI(
        "shebaoka_api",
        info=Info(title="Shebaoka mini-program API", version="1.0.0", description=_ABOUT.strip()),
        servers=[Server(url=PREFIX)],
        security_schemes={"bearer": _BEARER, "system": _SYSTEM},
        validation_error_model=ProblemBody,
        validation_error_callback=lambda error: malformed(error).response(doors.texts),
        doc_ui=False,
        static_folder=None,
    )
    app.config["MAX_CONTENT_LENGTH"] = JSON_BYTES
    app.components_schemas["ProblemBody"] = Schema(**ProblemBody.model_json_schema())
    bearers = Bearers(doors)
    app.register_api(sign_in_views(doors, bearers))
    app.register_api(_own_views(doors, bearers))
    app.register_api(push_views(doors))
    document = app.api_doc  # made here, for two requests at once would make it twice
    app.add_url_rule("/openapi.json", "openapi", lambda: jsonify(document))
    answer_faults(app, doors)
    app.before_request(lambda: doors.limits.take("api_address", address_of(request, doors.proxies)))
    app.after_request(_harden)
    return app


def _own_views(doors: Doors, bearers: Bearers) -> APIBlueprint:
    """What needs a token."""
    conversation = Conversation(doors)
    own = APIBlueprint("own", __name__, abp_security=[{"bearer": []}])
    own.before_request(bearers.require)
    sign_out_views(own, bearers)
    talking_views(own, doors, conversation)
    phone_views(own, doors, conversation)
    picture_views(own, doors, doors.city.photo.max_bytes + FORM_BYTES)
    record_views(own, doors, conversation)
    proof_views(own, doors, conversation)
    pass_views(own, doors, conversation)
    subscription_views(own, doors, conversation)
    return own


def _harden(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
