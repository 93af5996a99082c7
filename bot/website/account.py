"""`/account`: what is bound to this browser, and the ways out."""

from __future__ import annotations

from flask import Blueprint, Response, redirect
from werkzeug.wrappers import Response as AnyResponse

from bot.website.site import Website


def account_views(website: Website) -> Blueprint:
    """The page and its forms."""
    views = Blueprint("account", __name__, template_folder="templates")

    @views.get("/account")
    def account() -> Response:
        return website.personal("account.html", visitor=website.visitors.known())

    @views.post("/account/leave")
    def leave() -> AnyResponse:
        website.forms.received()
        if visitor := website.visitors.known():
            website.visitors.leave(visitor)
        return redirect("/", 303)

    return views
