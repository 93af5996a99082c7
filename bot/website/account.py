"""`/account`: what this browser is known by, which accounts are the same person's, the ways out."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from bot.website.holdings import holdings_of
from bot.website.site import Website
from models.access_tokens import revoke_tokens_of
from models.people import accounts_of, person_of, unbind, unbind_other

_BY_TOKEN = ("web", "mini_wechat", "mini_alipay")  # accounts that speak by a token of ours


def account_views(website: Website) -> Blueprint:
    """The page and its forms."""
    views = Blueprint("account", __name__, template_folder="templates")
    parts, visitors = website.parts, website.visitors

    @views.get("/account")
    def account() -> Response:
        visitor = visitors.known()
        held = holdings_of(parts, visitor.account, website.pages.locale()) if visitor else None
        return website.personal("account.html", held=held)

    @views.post("/account/unbind")
    def let_go() -> AnyResponse:
        other = request.form.get("account", "")
        website.forms.received(other)
        if visitor := visitors.known():
            _unbind(website, str(visitor.account), other)
        return redirect("/account", 303)

    @views.post("/account/leave")
    def leave() -> AnyResponse:
        everywhere = bool(request.form.get("everywhere"))
        website.forms.received()
        if visitor := visitors.known():
            if everywhere:
                _sign_out(website, str(visitor.account))
            visitors.leave(visitor)
        return redirect("/account", 303)

    return views


def _unbind(website: Website, account: str, other: str) -> None:
    """This account, or (by its row's id) another of the same person."""
    with website.parts.database.writing() as records:
        if other:
            unbind_other(records, account, other)
        else:
            unbind(records, account)


def _sign_out(website: Website, account: str) -> None:
    """No browser and no mini program of the same person speaks for them any more."""
    now = website.parts.sources.clock()
    with website.parts.database.writing() as records:
        person = person_of(records, account)
        theirs = accounts_of(records, person.id) if person else []
        for key in {account, *(each.key for each in theirs if each.channel in _BY_TOKEN)}:
            revoke_tokens_of(records, key, now)
