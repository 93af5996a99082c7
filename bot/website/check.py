"""`/check`: 这条消息是你们发的吗, for anybody: a message is held against our wordings, and against
what this visitor was sent."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from bot.website.site import Website

PAGE, ADDRESS = "check", "/check"
LONGEST = 1000  # characters


def check_views(website: Website) -> Blueprint:
    """The page and its form."""
    views = Blueprint(PAGE, __name__, template_folder="templates")

    @views.get(ADDRESS)
    def check() -> Response:
        visitor = website.visitors.known()
        answer = website.answers.last(PAGE, visitor.account) if visitor else None
        return website.personal("check.html", answer=answer, longest=LONGEST)

    @views.post(ADDRESS)
    def sent() -> AnyResponse:
        text = request.form.get("text", "")[:LONGEST]
        update_id = website.forms.received(text)
        account = website.visitors.arrive().account
        locale = website.pages.locale()
        website.answers.send(PAGE, account, update_id, "message.check", {"text": text}, locale)
        return redirect(f"{ADDRESS}#answer", 303)

    return views
