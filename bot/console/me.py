"""One's own page: a new password, new recovery codes."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.console.desk import Console
from bot.console.signing_in import Refused, SignIn
from bot.console.words import ROLE_NAMES
from bot.limits import address_of
from models.second_factors import draw_recovery_codes, recovery_codes_left
from models.staff import Staff

OPEN_WITH_OLD_PASSWORD = frozenset({"me.page", "me.password", "staff.sign_out", "static"})
"""What somebody may do who must change their password first."""


def me_views(console: Console) -> Blueprint:
    """`/me`, `/me/password`, `/me/recovery`."""
    views = Blueprint("me", __name__, url_prefix="/me")

    @views.get("")
    def page() -> str:
        return _page(console, told="密码改好了。" if "changed" in request.args else "")

    @views.post("/password")
    def password() -> ResponseReturnValue:
        old, new, again = (request.form.get(name, "") for name in ("old", "new", "again"))
        fault = _steps(console).new_password(console.me, old, new, again)
        if fault:
            return _page(console, fault=fault), 422
        return redirect(url_for("me.page", changed=1), 303)

    @views.post("/recovery")
    def recovery() -> ResponseReturnValue:
        given = request.form.get("code", "")
        done = _steps(console).code(console.me.id, given, "staff.recovery_codes")
        if isinstance(done, Refused):
            return _page(console, fault="验证码不对，恢复码没有换。"), 422
        with console.database.writing() as records:
            codes = draw_recovery_codes(records, records.get_one(Staff, console.me.id))
        return console.render("recovery.html", codes=codes)

    return views


def _steps(console: Console) -> SignIn:
    return SignIn(console, address_of(request, console.settings.proxies))


def _page(console: Console, *, fault: str = "", told: str = "") -> str:
    me = console.me
    with console.database.reading() as records:
        left = recovery_codes_left(records, me.id)
    return console.render(
        "me.html",
        fault=fault,
        told=told,
        codes_left=left,
        must=me.must_change_password(console.now()),
        roles=[ROLE_NAMES[role] for role in me.roles],
    )
