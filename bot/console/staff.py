"""Signing in and out, and the page where everybody starts."""

from __future__ import annotations

from typing import cast

import segno
from flask import Blueprint, abort, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from pyotp import TOTP

from bot.console.desk import Console
from bot.console.sessions import Visit
from bot.console.signing_in import Refused, SignIn, waiting
from bot.limits import address_of
from models.second_factors import draw_secret
from models.staff import Staff

ENDED = {
    "elsewhere": "您在另一处登录了，这里已经退出。不是您本人，请马上找管理员。",
    "idle": "太久没有操作，已经退出。没保存的内容请重新填写。",
    "over": "这一班的时间到了，已经退出。",
    "changed": "您的权限或密码有变动，请重新登录。",
}
"""By `models.staff.Ended`: what is said where somebody is signed in no more."""


def staff_views(console: Console) -> Blueprint:
    """`/`, `/sign-in` with its second steps, `/sign-out`."""
    views = Blueprint("staff", __name__)

    @views.get("/")
    def home() -> str:
        return console.render("home.html")

    @views.route("/sign-in", methods=["GET", "POST"])
    def sign_in() -> ResponseReturnValue:
        if request.method == "GET":
            return console.render("sign_in.html", told=ENDED.get(_visit().ended))
        login = request.form.get("login", "")
        staff = _steps(console).password(login, request.form.get("password", ""))
        if isinstance(staff, Refused):
            return console.render("sign_in.html", fault=_words(staff)), 403
        _visit().awaits(staff, console.now())
        return redirect(url_for("staff.code" if staff.totp_ready else "staff.set_up"), 303)

    @views.route("/sign-in/code", methods=["GET", "POST"])
    def code() -> ResponseReturnValue:
        if request.method == "GET":
            return console.render("code.html") if _awaited(console) else _again()
        staff = _steps(console).code(_awaited(console) or abort(401), request.form.get("code", ""))
        if isinstance(staff, Refused):
            return console.render("code.html", fault=_words(staff)), 403
        _visit().becomes(staff.id)
        return redirect(url_for("staff.home"), 303)

    @views.route("/sign-in/set-up", methods=["GET", "POST"])
    def set_up() -> ResponseReturnValue:
        if request.method == "GET":
            staff_id = _awaited(console)
            return _page_with_secret(console, staff_id) if staff_id else _again()
        waits = _awaited(console) or abort(401)
        done = _steps(console).set_up(waits, request.form.get("code", ""))
        if isinstance(done, Refused):
            return console.render("set_up.html", fault=_words(done)), 403
        _visit().becomes(done[0].id)
        return console.render("recovery.html", codes=done[1])

    @views.post("/sign-out")
    def sign_out() -> ResponseReturnValue:
        _visit().becomes(None)
        return _again()

    return views


def _visit() -> Visit:
    return cast(Visit, session)


def _steps(console: Console) -> SignIn:
    return SignIn(console, address_of(request, console.settings.proxies))


def _awaited(console: Console) -> str | None:
    with console.database.reading() as records:
        staff = _visit().awaited(records, console.now())
        return staff.id if staff else None


def _again() -> ResponseReturnValue:
    return redirect(url_for("staff.sign_in"), 303)


def _words(refused: Refused) -> str:
    if refused.wait:
        return f"错得太多了，请{waiting(refused.wait)}后再试。急用请找管理员。"
    return "没能登录。请核对后再试。"


def _page_with_secret(console: Console, staff_id: str) -> ResponseReturnValue:
    """Every time with a new secret: none is ever shown twice. Not for who has one that counts."""
    with console.database.writing() as records:
        staff = records.get_one(Staff, staff_id, with_for_update=True)
        if staff.totp_ready:
            return redirect(url_for("staff.code"), 303)
        secret = draw_secret(records, console.keys, staff)
    place = f"{console.city.short}社保卡工作台"
    uri = TOTP(secret).provisioning_uri(name=staff.login, issuer_name=place)
    code = Markup(segno.make(uri, error="m").svg_inline(scale=4, border=4, light="#fff"))  # noqa: S704
    return console.render("set_up.html", code=code, secret=secret)
