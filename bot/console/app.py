"""The console's own Flask application, put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import Blueprint, Flask, Response, abort, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import CSRFProtect

from bot.console.audit_pages import audit_views
from bot.console.branch import branch_views
from bot.console.branch_lists import branch_list_views
from bot.console.closing import closing_views
from bot.console.content import content_views
from bot.console.content_editions import edition_views
from bot.console.desk import Console
from bot.console.faults import answer_faults
from bot.console.figures import figures_views
from bot.console.handover import handover_views
from bot.console.me import OPEN_WITH_OLD_PASSWORD, me_views
from bot.console.permissions import ALLOWED, ANYBODY, permission_faults
from bot.console.posting import posting_views
from bot.console.promises import promises_views
from bot.console.push.views import push_views
from bot.console.review.views import queue_page_views, review_views
from bot.console.roster import roster_views
from bot.console.sessions import StaffSessions
from bot.console.staff import staff_views
from bot.console.words import PURPOSE_NAMES
from models.staff import Staff

PREFIX = "/console"
FORM_BYTES = 64 * 1024
UPLOAD_BYTES = 2 * 1024 * 1024  # of a form with a file
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
VIEWS: Sequence[Callable[[Console], Blueprint]] = (
    staff_views,
    me_views,
    promises_views,
    branch_views,
    branch_list_views,
    posting_views,
    figures_views,
    roster_views,
    review_views,
    audit_views,
    content_views,
    closing_views,
    edition_views,
    handover_views,
    queue_page_views,
    push_views,
)
"""A topic each; who may see what stands in `permissions`."""


class PermissionFault(Exception):
    """The table of permissions does not fit the routes; the message lists every fault."""


def console_app(console: Console) -> Flask:
    """Raises `PermissionFault` where a route is in no table."""
    app = Flask("bot.console")
    app.config.update(
        SECRET_KEY=console.settings.secret_key,
        MAX_CONTENT_LENGTH=UPLOAD_BYTES,
        MAX_FORM_MEMORY_SIZE=FORM_BYTES,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
    )
    app.extensions["desk"] = console
    app.jinja_env.globals["purposes"] = PURPOSE_NAMES
    app.session_interface = StaffSessions(
        console.database,
        console.sources,
        console.city.console,
        secret=console.settings.secret_key,
        secure=console.settings.public_url.startswith("https:"),
    )
    for views in VIEWS:
        app.register_blueprint(views(console))
    if faults := permission_faults({rule.endpoint for rule in app.url_map.iter_rules()}):
        raise PermissionFault("\n".join(faults))
    app.before_request(lambda: _let_in(console))  # first: who was signed out is told just that
    CSRFProtect(app)
    app.after_request(_harden)
    answer_faults(app, console)
    return app


def _let_in(console: Console) -> ResponseReturnValue | None:
    """Nobody gets further without the role that the route wants."""
    allowed = ALLOWED.get(request.endpoint or "")
    if allowed is None:
        return None  # no such address: the answer is 404 for everybody
    g.staff = _signed_in(console)
    if allowed is ANYBODY:
        return None
    if g.staff is None:
        return redirect(url_for("staff.sign_in"), 303) if request.method == "GET" else abort(401)
    if not g.staff.has(*allowed):
        abort(403)
    old = g.staff.must_change_password(console.now())
    return redirect(url_for("me.page"), 303) if old and not _is_open(request.endpoint) else None


def _is_open(endpoint: str | None) -> bool:
    return endpoint in OPEN_WITH_OLD_PASSWORD


def _signed_in(console: Console) -> Staff | None:
    staff_id = getattr(session, "staff_id", None)
    if staff_id is None:
        return None
    with console.database.reading() as records:
        found = records.get(Staff, staff_id)
        records.expunge_all()
    return found if found and found.active else None


def _harden(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"  # the CSRF check of an https site reads it
    if request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response
