"""A clerk's pages: the card of who stands at the counter, handed over and switched on.

Everything is looked for at the clerk's own branch; what lies elsewhere is not there (404). Each
card that is shown or changed is written into the audit trail in the same transaction.
"""

from __future__ import annotations

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot.console.branch_cards import branch_name, picture, to_check
from bot.console.branch_counter import Counter
from bot.console.desk import Console
from models.application_states import Actor, State
from models.applications import ForbiddenMove
from models.collection import (
    WITHOUT_PASS,
    NotHandedOver,
    bank_switched_on,
    hand_over,
    hand_over_by_id,
    switch_on,
)
from models.passes import Collector, TriesUsedUp


def branch_views(console: Console) -> Blueprint:
    """`/branch` and the cards below it."""
    views, counter = Blueprint("branch", __name__), Counter(console)
    _finding(views, console, counter)
    _looking(views, console, counter)
    _handing_over(views, console, counter)
    _switching_on(views, console, counter)

    @views.errorhandler(NotHandedOver)
    def kept(fault: NotHandedOver) -> ResponseReturnValue:
        return console.render("branch_kept.html", why=fault.why), 409

    @views.errorhandler(ForbiddenMove)
    def moved(fault: ForbiddenMove) -> ResponseReturnValue:
        return console.render("branch_kept.html", why="state"), 409

    return views


def _finding(views: Blueprint, console: Console, counter: Counter) -> None:
    @views.get("/branch")
    def home() -> str:
        return console.render("branch.html", place=branch_name(console, counter.branch))

    @views.post("/branch/find")
    def find() -> ResponseReturnValue:
        place = branch_name(console, counter.branch)
        try:
            found = counter.find(request.form.get("said", ""))
        except TriesUsedUp as locked:
            return console.render("branch.html", place=place, until=locked.until), 429
        if found is None:
            return console.render("branch.html", place=place, fault=True), 404
        return redirect(found, 303)


def _looking(views: Blueprint, console: Console, counter: Counter) -> None:
    @views.get("/branch/pass/<pass_id>")
    def by_pass(pass_id: str) -> ResponseReturnValue:
        with console.database.writing() as records:
            found, card = counter.pass_of(records, pass_id)
            if not found.holds(console.now()):
                return redirect(url_for("branch.card", application_id=card.id), 303)
            page = counter.show(records, card, "pass")
            check = to_check(Collector(found.collector), found.named(console.keys))
        return console.render("branch_pass.html", card=page, check=check, pass_id=pass_id)

    @views.get("/branch/card/<application_id>")
    def card(application_id: str) -> str:
        with console.database.writing() as records:
            page = counter.show(records, counter.card(records, application_id), "card")
        reasons = WITHOUT_PASS if console.city.collection.without_pass else ()
        return console.render("branch_card.html", card=page, reasons=reasons)

    @views.get("/branch/card/<application_id>/portrait")
    def portrait(application_id: str) -> ResponseReturnValue:
        with console.database.writing() as records:
            found = counter.card(records, application_id)
            counter.note(records, found, "portrait.view", "compare the face")
            return picture(records, console, found) or abort(404)


def _handing_over(views: Blueprint, console: Console, counter: Counter) -> None:
    @views.post("/branch/pass/<pass_id>/hand-over")
    def given(pass_id: str) -> ResponseReturnValue:
        with console.database.writing() as records:
            found, card = counter.pass_of(records, pass_id)
            counter.note(records, card, "card.hand_out", "pass")
            hand_over(records, console.life, card, found, console.now(), by=console.me.by)
            to = card.id
        return counter.back(to, "given")

    @views.post("/branch/card/<application_id>/hand-over")
    def given_by_id(application_id: str) -> ResponseReturnValue:
        why, kind = request.form.get("why", ""), request.form.get("collector", "")
        if why not in WITHOUT_PASS or kind not in set(Collector):
            abort(400)
        if not console.city.collection.without_pass:
            abort(403)
        with console.database.writing() as records:
            found = counter.card(records, application_id)
            counter.note(records, found, "card.hand_out", why)
            now, by = console.now(), console.me.by
            hand_over_by_id(records, console.life, found, Collector(kind), why, now, by=by)
        return counter.back(application_id, "given")


def _switching_on(views: Blueprint, console: Console, counter: Counter) -> None:
    @views.post("/branch/card/<application_id>/switch-on")
    def on(application_id: str) -> ResponseReturnValue:
        with console.database.writing() as records:
            found = counter.card(records, application_id)
            if found.state != State.ACTIVATED:  # pressed twice is pressed once
                counter.note(records, found, "card.switch_on", "at the counter")
                now, by = console.now(), console.me.by
                switch_on(records, console.life, found, Actor.OFFICER, now, by=by)
        return counter.back(application_id, "on")

    @views.post("/branch/card/<application_id>/bank-on")
    def bank_on(application_id: str) -> ResponseReturnValue:
        with console.database.writing() as records:
            found = counter.card(records, application_id)
            now, by = console.now(), console.me.by
            if bank_switched_on(records, console.life, found, now, by=by):  # once
                counter.note(records, found, "card.bank_on", "at the counter")
        return counter.back(application_id, "bank")
