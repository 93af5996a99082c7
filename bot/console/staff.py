"""Signing in and out, and the page where everybody starts."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from bot.console.desk import Console
from bot.console.sessions import Visit


def staff_views(console: Console) -> Blueprint:
    """`/`, `/sign-in`, `/sign-out`."""
    views = Blueprint("staff", __name__)

    @views.get("/")
    def home() -> str:
        return console.render("home.html")

    @views.route("/sign-in", methods=["GET", "POST"])
    def sign_in() -> ResponseReturnValue:
        if request.method == "GET":
            return console.render("sign_in.html")
        return console.render("sign_in.html", fault=True), 403

    @views.post("/sign-out")
    def sign_out() -> ResponseReturnValue:
        cast(Visit, session).becomes(None)
        return redirect(url_for("staff.sign_in"), 303)

    return views
