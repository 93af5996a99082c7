"""The review of one case after the other: *Next*, the one screen, and what is decided there."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session as Records

from bot.console.review.deciding import ASKS_MORE, read_day
from bot.console.review.findings import FindingFault
from bot.console.review.pictures import addresses_of, picture_route
from bot.console.review.reviewing import HELD, UNFIT, Reviewing
from bot.console.review.seeing import decided as decided_at
from bot.console.review.seeing import seen
from bot.console.review.words import FAULTS
from models.review.ahead import keep_ahead
from models.review.claims import Held, NotHeld, NotQueued, claim, claims_of, next_for, peek, release
from models.review.decisions import Decision, Settled, decide, undo
from models.review.together import undo_together
from models.review.verdicts import Kind, Verdict, VerdictFault


def case_views(views: Blueprint, desk: Reviewing) -> None:
    """Routes below `/review`; each answers with a page, and each POST leads on to the next case."""
    console = desk.console
    picture_route(views, console)

    @views.get("/review")
    def start() -> ResponseReturnValue:
        with console.database.reading() as records:
            mine = claims_of(records, console.me)
            if mine:
                return redirect(url_for("review.case", application_id=mine[0].application_id), 303)
            ahead = addresses_of(console, records, peek(records, console.me))
            empty = bool(request.args.get("empty"))
            return desk.page(records, "start.html", empty=empty, ahead=ahead)

    @views.post("/review/next")
    def next_case() -> ResponseReturnValue:
        with console.database.writing() as records:
            return _on(desk, records)

    @views.get("/review/<application_id>")
    def case(application_id: str) -> ResponseReturnValue:
        return desk.show(application_id)

    @views.post("/review/<application_id>/claim")
    def take(application_id: str) -> ResponseReturnValue:
        # Where it fails, the page says who has it.
        with suppress(Held, NotQueued), console.database.writing() as records:
            seen(console, records, application_id)
            given = console.life, console.me, application_id, console.now()
            claim(records, *given, until=desk.lease_end())
        return redirect(url_for("review.case", application_id=application_id), 303)

    _deciding_views(views, desk)
    _asking_views(views, desk)


def _deciding_views(views: Blueprint, desk: Reviewing) -> None:
    """What takes one key, and taking it back."""
    console = desk.console

    @views.post("/review/<application_id>/release")
    def give_back(application_id: str) -> ResponseReturnValue:
        def act(records: Records) -> None:
            release(records, console.life, console.me, application_id, console.now())

        return _after(desk, application_id, act)

    @views.post("/review/<application_id>/decide")
    def decided(application_id: str) -> ResponseReturnValue:
        kind = request.form.get("kind", "")
        plain = {k.value for k in Kind} - {k.value for k in ASKS_MORE}
        if kind not in plain:
            return desk.show(application_id, said=FAULTS["task"], status=UNFIT)
        return _decide(desk, application_id, Verdict(Kind(kind)))

    @views.post("/review/undo/<decision_id>")
    def take_back(decision_id: str) -> ResponseReturnValue:
        try:
            with console.database.writing() as records:
                decided_at(console, records, decision_id)
                decision = records.get_one(Decision, decision_id)
                _undo(desk, records, decision)
        except Settled:  # of several together none is taken back
            with console.database.reading() as records:
                return desk.page(records, "start.html", said="这个决定已经生效，撤不回了。"), HELD
        if decision.batch:
            return redirect(url_for("review.batch"), 303)
        return redirect(url_for("review.case", application_id=decision.application_id), 303)


def _asking_views(views: Blueprint, desk: Reviewing) -> None:
    """The pages of decisions that need more than a key."""

    @views.get("/review/<application_id>/<any(return, refuse):outcome>")
    def findings(application_id: str, outcome: str) -> ResponseReturnValue:
        return desk.choose(application_id, Kind(outcome))

    @views.post("/review/<application_id>/<any(return, refuse):outcome>")
    def found(application_id: str, outcome: str) -> ResponseReturnValue:
        kind = Kind(outcome)
        try:
            chosen = desk.chosen(kind)
        except FindingFault as fault:
            return desk.choose(application_id, kind, said=str(fault), status=UNFIT)
        if "preview" in request.form:
            return desk.choose(application_id, kind, chosen)
        return _decide(desk, application_id, Verdict(kind, tuple(chosen)))

    @views.get("/review/<application_id>/hold")
    def hold(application_id: str) -> ResponseReturnValue:
        return desk.ask_day(application_id)

    @views.post("/review/<application_id>/hold")
    def held(application_id: str) -> ResponseReturnValue:
        until = read_day(request.form.get("until", ""))
        return _decide(desk, application_id, Verdict(Kind.HOLD, until=until))


# --- small parts --------------------------------------------------------------------------------


def _undo(desk: Reviewing, records: Records, decision: Decision) -> None:
    """Take back a decision, and what was approved together with it. Raises Settled."""
    given = records, desk.console.life, desk.console.me
    now, batch = desk.console.now(), decision.batch
    undone = undo_together(*given, batch, now) if batch else [undo(*given, decision.id, now)]
    for each in undone:
        desk.note(records, "application.undone", each)


def _decide(desk: Reviewing, application_id: str, verdict: Verdict) -> ResponseReturnValue:
    console = desk.console

    def act(records: Records) -> None:
        given = console.life, desk.reasons, console.me, application_id, verdict, console.now()
        desk.note(records, "application.decided", decide(records, *given))

    try:
        return _after(desk, application_id, act)
    except VerdictFault as fault:
        said = FAULTS.get(fault.code, FAULTS["task"])
        if verdict.kind is Kind.HOLD:
            return desk.ask_day(application_id, said=said, status=UNFIT)
        if verdict.kind in ASKS_MORE:
            return desk.choose(
                application_id, verdict.kind, verdict.findings, said=said, status=UNFIT
            )
        return desk.show(application_id, said=said, status=UNFIT)


def _after(
    desk: Reviewing, application_id: str, act: Callable[[Records], None]
) -> ResponseReturnValue:
    """Do something with a case one has claimed, then on to the next, in one transaction."""
    console = desk.console
    try:
        with console.database.writing() as records:
            act(records)
            return _on(desk, records)
    except NotHeld:
        return desk.show(application_id, said="这件不在您手上了，没有改动。", status=HELD)


def _on(desk: Reviewing, records: Records) -> ResponseReturnValue:
    """To the next case: one that is claimed already, else the next in the queue."""
    console = desk.console
    mine, now, until = claims_of(records, console.me), console.now(), desk.lease_end()
    found = mine[0] if mine else next_for(records, console.life, console.me, now, until=until)
    if found is None:
        return redirect(url_for("review.start", empty=1), 303)
    keep_ahead(records, console.me, now)
    return redirect(url_for("review.case", application_id=found.application_id), 303)
