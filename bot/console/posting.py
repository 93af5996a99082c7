"""Parcels that came back: where they are to go now, and that they have left. For the clerks of the
bank that posts them; another bank's are not there."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session as Records

from bot.console.branch_cards import line
from bot.console.desk import Console
from bot.console.unmasking import Shown, unmask
from models.applications import Application, open_answers
from models.audit import Act
from models.posting import NoParcel, came_back, has_new_address, parcel_back, post_again

ROWS = 50


def posting_views(console: Console) -> Blueprint:
    """`/post` and the parcels below it."""
    views = Blueprint("posting", __name__)

    @views.get("/post")
    def waiting() -> str:
        with console.database.reading() as records:
            rows = [
                (line(console, card), has_new_address(records, card))
                for card in came_back(records, _bank(console), ROWS)
            ]
        return console.render("posting.html", rows=rows)

    @views.get("/post/<application_id>")
    def parcel(application_id: str) -> str:
        return _page(console, application_id)

    @views.post("/post/<application_id>/label")
    def label(application_id: str) -> str:
        return _page(console, application_id, full=True)

    @views.post("/post/<application_id>/sent")
    def sent(application_id: str) -> ResponseReturnValue:
        number, by = request.form.get("parcel", ""), console.me.by
        try:
            with console.database.writing() as records:
                card = _card(console, records, application_id)
                _note(console, records, card, "card.posted")
                post_again(records, console.life, card, number, console.now(), by=by)
        except NoParcel:
            return _page(console, application_id, fault=True), 422
        console.ring("notices")
        return redirect(url_for("posting.waiting"), 303)

    return views


def _bank(console: Console) -> str:
    """Of the clerk's own branch."""
    own = [b.bank for b in console.city.branches if b.code == console.me.branch]
    return own[0] if own else abort(404)


def _card(console: Console, records: Records, application_id: str) -> Application:
    return parcel_back(records, _bank(console), application_id) or abort(404)


def _page(console: Console, application_id: str, *, full: bool = False, fault: bool = False) -> str:
    """Masked, or in full as it goes onto the parcel, to who says what for."""
    with console.database.writing() as records:
        card = _card(console, records, application_id)
        subject = f"application:{card.id}"
        shown = unmask(console, records, subject, "label") if full else Shown()
        answers = open_answers(card, console.keys)
        values = {
            "card": line(console, card),
            "name": shown("name", answers["name"]),
            "address": shown("address", answers["lives_at"]),
            "phone": shown("phone", answers["phone"]),
            "is_new": has_new_address(records, card),
        }
    return console.render("parcel.html", full=full, fault=fault, **values)


def _note(console: Console, records: Records, card: Application, act: Act) -> None:
    console.note(records, act, f"application:{card.id}", "post it again", purpose="collection")
